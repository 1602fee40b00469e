// Installed vLLM and llama.cpp servers, started by `serve` and called by everything that calls a model.
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CallReply, CallRequest, RoundSummary } from '../../../src/core/schemas/index.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { linesOf } from '../../../src/store/lines/files.ts';
import { processesWith } from '../../../src/system/process.ts';
import { QUIET } from '../../fixtures/process.ts';
import { llamaServer, SERVERS, vllmEnvironment } from '../../fixtures/real-servers.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { ROOT } from '../../unit/engines/fixtures.ts';
import { file, run } from '../../unit/verbs/run.ts';
import { servingPlace } from './place.ts';
import { runPython } from './python.ts';

type Place = Awaited<ReturnType<typeof servingPlace>>;
const Line = z.object({ request: CallRequest, reply: CallReply });

/** A round of 4 problems with truncated answers only: they are never right, so that each gets 6 requests. */
async function roundOf(place: Place, samplesPerRequest: number) {
  const { dataset } = place;
  const rows = [1, 2, 3, 4].map((i) => ({ id: `p${i}`, problem: `What is ${i} + 1?`, answer: '-7777' }));
  await run('import', { dataset, file: await file('problems.jsonl', rows) });
  const summary = RoundSummary.parse(
    await run('sample-round', {
      dataset,
      policy: { policy: 'cascade', stages: [2, 4] },
      seed: 5,
      response: { maxTokens: 16 },
      concurrency: 4,
      samplesPerRequest,
    }),
  );
  const lines: z.infer<typeof Line>[] = [];
  for await (const line of linesOf(join(dataset, 'rounds', summary.round, 'journal.jsonl'), Line)) lines.push(line);
  return { summary, lines };
}

/** Stops a server, and checks that none of its processes is left. */
async function stopped(place: Place, serve: string): Promise<void> {
  const state = join(place.dataset, 'runs', serve, 'attempts', '1', 'state.json');
  const { mark } = z.object({ mark: z.string() }).parse(JSON.parse(await readFile(state, 'utf8')));
  expect((await processesWith('LONGHAND_JOB', mark)).length).toBeGreaterThan(0);
  await run('stop-run', { dataset: place.dataset, run: serve });
  expect(await processesWith('LONGHAND_JOB', mark)).toEqual([]);
}

/** A port that another process listens on. */
async function takenPort() {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  return { port: String((other.address() as AddressInfo).port), free: () => other.close() };
}

describe.skipIf(!SERVERS.wanted)(`vLLM ${SERVERS.why}`, { timeout: 900_000 }, () => {
  let python = '';
  let program: string[] = [];
  const place = () => servingPlace({ ...QUIET, LONGHAND_CACHE: cacheFolder() });
  /** A twentieth of the memory, without compilation; results do not depend on whether a prompt was seen before. */
  const small = [
    ...['--gpu-memory-utilization', '0.05', '--enforce-eager'],
    ...['--dtype', 'float32', '--no-enable-prefix-caching'],
  ];

  beforeAll(async () => {
    const environment = await vllmEnvironment();
    if (typeof environment === 'string') throw new Error(environment);
    ({ python } = environment);
    program = [environment.program('vllm')];
  }, 1_800_000);

  test('serves a folder, with the limits that were measured', async () => {
    const here = await place();
    const folder = join(here.home, 'tiny');
    await tinyLlama(python, folder);
    const generation = join(folder, 'generation_config.json');
    const given = z.looseObject({}).parse(JSON.parse(await readFile(generation, 'utf8')));
    await writeFile(generation, JSON.stringify({ ...given, do_sample: true, top_k: 1 }));
    const { plan, serving } = await here.serve({ what: folder, server: 'vllm', program, args: small });
    expect(serving).toMatchObject({ run: 'serve-1', role: 'fine-tuned' });
    const check = await run('check-endpoint', { dataset: here.dataset, role: 'fine-tuned' });
    expect(check).toMatchObject({
      model: plan.modelName,
      streamed: true,
      usageReported: true,
      seed: 'honoured',
      n: 'honoured',
      context: { tokens: 1024, from: 'model list' },
      models: [plan.modelName],
      failed: [],
    });
    const { summary, lines } = await roundOf(here, 2);
    expect(summary.sampling).toMatchObject({ samples: 24, requests: 12, failed: [] });
    expect(lines).toHaveLength(24);
    expect(new Set(lines.map(({ request }) => request.seed)).size).toBe(24);
    // The folder's generation_config.json would take the likeliest token only, so that nearly all texts would be equal.
    expect(new Set(lines.map(({ reply }) => reply.text)).size).toBeGreaterThan(20);
    expect(lines.filter(({ reply }) => reply.finish === 'length').length).toBeGreaterThan(20);
    expect(summary.sampling?.truncated).toBe(lines.filter(({ reply }) => reply.finish === 'length').length);
    await stopped(here, 'serve-1');
  });

  test('serves an adapter on its base model', async () => {
    const here = await place();
    const folder = join(here.home, 'base');
    await tinyLlama(python, folder);
    const adapter = join(here.home, 'adapter');
    await runPython(python, [join(ROOT, 'test/fixtures/python/lora.py'), folder, adapter]);
    const { plan } = await here.serve({ what: adapter, server: 'vllm', program, args: small });
    expect(plan.modelName).toMatch(/^adapter-[0-9a-f]{8}$/);
    const check = await run('check-endpoint', { dataset: here.dataset, role: 'fine-tuned' });
    // The list has no context length for an adapter.
    expect(check).toMatchObject({ n: 'honoured', context: { tokens: 1024, from: 'refusal' } });
    await stopped(here, 'serve-1');
  });

  test('reports why it did not start', async () => {
    const here = await place();
    const folder = join(here.home, 'tiny');
    await tinyLlama(python, folder);
    const fails = (what: string, ...args: string[]) =>
      here.serve({ what, server: 'vllm', program, args: [...small, ...args] }).then(
        () => 'it started',
        (error: Error) => error.message,
      );
    expect(await fails(folder, '--no-such-flag')).toMatch(/does not support one of its arguments.*--no-such-flag/s);
    expect(await fails(folder, '--max-model-len', '99999')).toMatch(
      /requested context is longer than the model’s own.*\(99999\)/s,
    );
    expect(await fails(folder, '--gpu-memory-utilization', '1.0')).toMatch(
      /not enough memory\. Errors:\nValueError: Available memory/,
    );
    const { port, free } = await takenPort();
    expect(await fails(folder, '--port', port)).toMatch(/another program uses its port/);
    free();
    const torn = join(here.home, 'torn');
    await cp(folder, torn, { recursive: true });
    await truncate(join(torn, 'model.safetensors'), 2_000_000);
    expect(await fails(torn)).toMatch(/weights is incomplete\. Errors:\nsafetensors/);
    await rm(join(folder, 'chat_template.jinja'));
    expect(await fails(folder)).toMatch(/chat template.*It answers 400 to a first request/s);
    expect(await here.running()).toEqual([]);
  });
});

describe.skipIf(!SERVERS.wanted)(`llama.cpp’s server ${SERVERS.why}`, { timeout: 600_000 }, () => {
  let program: string[] = [];
  const gguf = join(cacheFolder(), 'starter', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf');
  /** A thread that waits for another spins, for long on a busy machine. */
  const calm = ['--threads', '1', '--threads-batch', '1'];

  beforeAll(async () => {
    const server = await llamaServer();
    if (typeof server === 'string') throw new Error(server);
    program = [server.path];
  }, 5_400_000);

  test('serves a GGUF file, with the limits that were measured', async () => {
    const here = await servingPlace();
    const { plan } = await here.serve({ what: gguf, server: 'llama.cpp', program, args: calm });
    const check = await run('check-endpoint', { dataset: here.dataset, role: 'fine-tuned' });
    expect(check).toMatchObject({
      streamed: true,
      usageReported: true,
      seed: 'honoured',
      n: 'honoured',
      schema: 'held',
      // Of 32,768 for four replies, as many as the model has.
      context: { tokens: 8192, from: 'model list' },
      models: [plan.modelName],
      failed: [],
    });
    const { summary, lines } = await roundOf(here, 2);
    expect(summary.sampling).toMatchObject({ samples: 24, requests: 12, failed: [] });
    expect(new Set(lines.map(({ request }) => request.seed)).size).toBe(24);
    expect(new Set(lines.map(({ reply }) => reply.text)).size).toBeGreaterThan(12);
    const cut = lines.filter(({ reply }) => reply.finish === 'length');
    expect(summary.sampling?.truncated).toBe(cut.length);
    expect(cut.every(({ reply }) => reply.usage.completion === 16 && !reply.usage.estimated)).toBe(true);
    const { default_generation_settings } = z
      .object({ default_generation_settings: z.object({ params: z.looseObject({}) }) })
      .parse(await (await fetch(new URL('/props', plan.baseURL))).json());
    expect(default_generation_settings.params).toMatchObject({ top_k: 0, min_p: 0, repeat_penalty: 1 });
    await stopped(here, 'serve-1');
  });

  test('gives each reply its own context, so that concurrent replies do not end one another', async () => {
    const here = await servingPlace();
    const args = [...calm, '--ctx-size', '1024'];
    const { plan } = await here.serve({ what: gguf, server: 'llama.cpp', program, args });
    const ask = async (seed: number) => {
      const body = {
        model: plan.modelName,
        messages: [{ role: 'user', content: 'Count upwards from one in words. Do not stop.' }],
        ...{
          max_tokens: 400,
          seed,
          logit_bias: [
            [0, false],
            [2, false],
          ],
        },
      };
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const answer = await fetch(`${plan.baseURL}/chat/completions`, init);
      return z.object({ choices: z.tuple([z.looseObject({})]) }).parse(await answer.json()).choices[0];
    };
    for (const choice of await Promise.all([1, 2, 3, 4].map(ask)))
      expect(choice).toMatchObject({ finish_reason: 'length' });
  });

  test('reports why it did not start', async () => {
    const here = await servingPlace();
    const fails = (what: string, ...args: string[]) =>
      here.serve({ what, server: 'llama.cpp', program, args: [...calm, ...args] }).then(
        () => 'it started',
        (error: Error) => error.message,
      );
    expect(await fails(gguf, '--no-such-flag')).toMatch(/does not support one of its arguments.*--no-such-flag/s);
    expect(await fails(gguf, '--ctx-size', '200000000')).toMatch(/not enough memory/);
    const { port, free } = await takenPort();
    expect(await fails(gguf, '--port', port)).toMatch(/another program uses its port/);
    free();
    const torn = join(here.home, 'torn.gguf');
    await cp(gguf, torn);
    await truncate(torn, 60_000_000);
    expect(await fails(torn)).toMatch(/weights is incomplete/);
  });
});
