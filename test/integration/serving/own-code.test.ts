// Folders of a model with code. The converter is SCRIPTED except in the last test.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import { refuseOwnCode, toGguf } from '../../../src/serving/gguf.ts';
import { SERVERS } from '../../../src/serving/servers.ts';
import { TRAINERS } from '../../../src/trainers/index.ts';
import { QUIET } from '../../fixtures/process.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { NEVER } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { servingPlace } from './place.ts';

const OWN = /contains code \(/;

test.each([
  ['tokenizer_config.json', '{"auto_map": {"AutoTokenizer": [null, "evil.Evil"]}}'],
  ['config.json', '{"a": NaN, "auto_map" : {}}'],
  ['processor_config.JSON', '{"\\u0061uto\\u005Fmap"\n:{}}'],
  ['config.9.json', '{"nested": {"auto_map": {"AutoConfig": "owner/name--evil.Evil"}}}'],
  ['tokenization_evil.py', ''],
  ['torch.PYC', ''],
])('a folder with %s is not converted', async (name, text) => {
  const { checkpoint, serve } = await servingPlace();
  await writeFile(join(checkpoint, name), text);
  for (const server of ['starter', 'llama.cpp', 'ollama'] as const) {
    const program = server === 'starter' ? {} : { program: [process.execPath] };
    await expect(serve({ what: checkpoint, server, ...program, plan: true })).rejects.toMatchObject({
      message: expect.stringMatching(OWN),
      advice: expect.stringContaining('without auto_map'),
    });
  }
  const { plan } = await serve({ what: checkpoint, server: 'vllm', program: [process.execPath], plan: true });
  expect(plan.model).toBe(checkpoint);
});

test('text about auto_map is no code', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'config.json'), '{"note": "no auto_map: here", "auto_mapping": 1}');
  await refuseOwnCode(folder);
});

test('no server and no trainer gets the option to trust remote code', () => {
  expect(SERVERS.filter((server) => /trust/i.test(JSON.stringify(server)))).toEqual([]);
  expect(TRAINERS.filter(({ config }) => /trust/i.test(config.template))).toEqual([]);
});

test.skipIf(process.platform === 'win32')('the converter runs in a folder of Longhand', async () => {
  const folder = await temporaryFolder();
  const [cache, checkpoint] = [join(folder, 'cache'), join(folder, 'out', 'checkpoint-1')];
  await mkdir(checkpoint, { recursive: true });
  const python = join(folder, 'python');
  await writeFile(python, '#!/bin/sh\npwd > "$0.asked"\necho "$PYTHONSAFEPATH" >> "$0.asked"\nexit 1\n', {
    mode: 0o755,
  });
  const options = { python, type: 'q8_0' as const, cache, env: process.env, signal: NEVER, onLine: () => {} };
  await expect(toGguf({ form: 'folder', path: checkpoint, name: 'm' }, options)).rejects.toThrow('failed');
  expect(await readFile(`${python}.asked`, 'utf8')).toBe(`${join(cache, 'gguf')}\n1\n`);
});

describe('the real converter', { timeout: 1_800_000 }, () => {
  test('never runs the code of a checkpoint', async ({ skip }) => {
    const environment = await pythonEnvironment('trainer');
    if (typeof environment === 'string') return skip(environment);
    const home = await temporaryFolder();
    const [folder, witness] = [join(home, 'dream'), join(home, 'witness')];
    await tinyLlama(environment.python, folder);
    const change = async (name: string, more: object) => {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...more }));
    };
    await change('config.json', { architectures: ['DreamModel'], model_type: 'Dream' });
    const auto_map = { AutoTokenizer: [null, 'tokenization_evil.Evil'] };
    await change('tokenizer_config.json', { auto_map, tokenizer_class: 'Evil' });
    const code = `open(${JSON.stringify(witness)}, "w").write("ran")\nfrom transformers import PreTrainedTokenizerFast\nclass Evil(PreTrainedTokenizerFast):\n    pass\n`;
    await writeFile(join(folder, 'tokenization_evil.py'), code);
    const options = { type: 'q8_0' as const, cache: join(home, 'cache'), env: QUIET, signal: NEVER, onLine: () => {} };
    const converted = toGguf({ form: 'folder', path: folder, name: 'm' }, { ...options, python: environment.python });
    const problem: unknown = await converted.catch((error: unknown) => error);
    expect(existsSync(witness)).toBe(false);
    expect(String(problem)).toMatch(OWN);
  });
});
