import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Python, pythonEnvironment } from '../../../scripts/lib/python.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { QUIET } from '../../fixtures/process.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { servingPlace } from './place.ts';
import { runPython } from './python.ts';
import { tokensOfLlama, tokensOfTransformers } from './tokens.ts';

const Reply = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z.object({ prompt_tokens: z.number() }),
});

/** Real servers with a model of a million parameters: the served tokens are those of the trained model. */
describe('a tiny Llama', { timeout: 1_800_000 }, () => {
  let environment: Python | string = '';

  beforeAll(async () => {
    environment = await pythonEnvironment('trainer');
  }, 1_800_000);

  /** The interpreter, or a skipped test with the reason. */
  const needsPython = (skip: (note: string) => never): string =>
    typeof environment === 'string' ? skip(environment) : environment.python;

  const place = () => servingPlace({ ...QUIET, LONGHAND_CACHE: cacheFolder(), LONGHAND_STARTER_THREADS: '1' });

  /** Prompt tokens and the greedy reply. */
  async function replies(baseURL: string, model: string): Promise<string> {
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: '12 + 30 = ?' }],
        temperature: 0,
        max_tokens: 8,
      }),
    });
    const { choices, usage } = Reply.parse(await response.json());
    return `${usage.prompt_tokens} ${choices[0]?.message.content}`;
  }

  test('is converted once and served by the starter’s runtime', async ({ skip }) => {
    const interpreter = needsPython(skip);
    const { home, serve } = await place();
    const folder = join(home, 'tiny');
    await tinyLlama(interpreter, folder);
    const first = await serve({ what: folder, python: interpreter });
    expect(first.plan).toMatchObject({ server: 'starter', form: 'folder', converts: folder });
    expect(first.plan.modelName).toMatch(/^tiny-[0-9a-f]{8}$/);
    const gguf = (await readdir(folder)).filter((name) => name.endsWith('.gguf'));
    expect(gguf).toEqual([expect.stringMatching(/^longhand-[0-9a-f]{16}\.q8_0\.gguf$/)]);
    expect(await replies(first.plan.baseURL, first.plan.modelName)).toMatch(/^15 ./);

    // The second time, neither an interpreter nor a second server is needed.
    const second = await serve({ what: folder, python: join(home, 'none') });
    expect(second.plan.converts).toBeUndefined();
    expect(second.serving).toMatchObject({ reused: true });

    // Other weights in the same folder are another model.
    await tinyLlama(interpreter, folder, ['--seed', '1']);
    const third = await serve({ what: folder, python: interpreter, replace: true });
    expect(third.plan.modelName).not.toBe(first.plan.modelName);
    expect((await readdir(folder)).filter((name) => name.endsWith('.gguf'))).toHaveLength(2);
  });

  test('is tokenized by llama.cpp as by transformers', async ({ skip }) => {
    const interpreter = needsPython(skip);
    const { home, serve } = await place();
    const folder = join(home, 'tiny');
    await tinyLlama(interpreter, folder);
    const { plan } = await serve({ what: folder, python: interpreter, keepEndpoint: true });
    const texts = ['2 + 3 =\né?', '  a  b\t<x>', 'I don’t 12345 🚀 ', '\\boxed{\\frac{1}{2}}'];
    const theirs = await tokensOfTransformers(interpreter, home, folder, texts);
    expect(await tokensOfLlama(plan.model, texts)).toEqual(theirs);
  });

  test('with a row size that is no multiple of 32 is served too', async ({ skip }) => {
    const interpreter = needsPython(skip);
    const { home, serve } = await place();
    const folder = join(home, 'odd');
    await tinyLlama(interpreter, folder, ['--hidden', '40', '--heads', '2', '--layers', '2']);
    const { plan } = await serve({ what: folder, python: interpreter });
    expect(await replies(plan.baseURL, plan.modelName)).toMatch(/^15 /);
  });

  test('with its own byte-level tokenizer is refused with an alternative', async ({ skip }) => {
    const interpreter = needsPython(skip);
    const { home, serve } = await place();
    const folder = join(home, 'bytes');
    await tinyLlama(interpreter, folder);
    const script = join(home, 'bytes.py');
    await writeFile(
      script,
      'import sys\nfrom tokenizers import Tokenizer, decoders, pre_tokenizers\nfrom tokenizers.models import BPE\nfrom transformers import PreTrainedTokenizerFast\n' +
        'words = ["<s>", "<|end|>"] + sorted(pre_tokenizers.ByteLevel.alphabet())\n' +
        't = Tokenizer(BPE(vocab={w: i for i, w in enumerate(words)}, merges=[]))\n' +
        't.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)\nt.decoder = decoders.ByteLevel()\n' +
        'PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<s>", eos_token="<|end|>").save_pretrained(sys.argv[1])\n',
    );
    await runPython(interpreter, [script, folder]);
    await expect(serve({ what: folder, python: interpreter })).rejects.toMatchObject({
      message: 'The converter does not support the tokenizer of this model.',
      advice: expect.stringContaining('transformers or vLLM'),
    });
  });

  test('is refused with advice when the interpreter has no converter', async () => {
    const { checkpoint, serve } = await place();
    await expect(serve({ what: checkpoint, python: process.execPath })).rejects.toThrow(/can’t|can't convert|failed/);
    await expect(serve({ what: checkpoint, python: join(checkpoint, 'none') })).rejects.toMatchObject({
      message: expect.stringContaining('ENOENT'),
      advice: expect.stringContaining('--python'),
    });
  });

  test('is served by transformers, which answers with the same tokens', async ({ skip }) => {
    const interpreter = needsPython(skip);
    const { home, serve, running } = await place();
    const folder = join(home, 'tiny');
    await tinyLlama(interpreter, folder);
    const theirs = await serve({ what: folder, server: 'transformers', args: ['--device', 'cpu'] });
    expect(theirs.plan.modelName).toBe(folder);
    const ours = await serve({ what: folder, python: interpreter, type: 'f32' });
    // Greedy, in single precision: two implementations of one model.
    expect(await replies(ours.plan.baseURL, ours.plan.modelName)).toBe(
      await replies(theirs.plan.baseURL, theirs.plan.modelName),
    );
    expect(await running()).toHaveLength(2);
  });
});
