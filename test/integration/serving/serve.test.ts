import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import type { VerbProgress } from '../../../src/protocol/progress.ts';
import { waitUntilReady } from '../../../src/serving/ready.ts';
import { Dataset } from '../../../src/store/index.ts';
import { attemptsOf, readRun } from '../../../src/store/runs.ts';
import { writeAtomic } from '../../../src/system/atomic-write.ts';
import { writeCheckpoint, writeRun } from '../../fixtures/training-run.ts';
import { NEVER } from '../../unit/engines/fixtures.ts';
import { run } from '../../unit/verbs/run.ts';
import { scripted, servingPlace } from './place.ts';

const settingsOf = async (dataset: string) => (await Dataset.open(dataset, { index: false })).settings;

/** The servers are scripted and have no model: they test the handling of answers and of errors at exit. */
describe('serve', () => {
  test.each([
    ['vllm', /-checkpoint-12-[0-9a-f]{8}$/],
    ['sglang', /-checkpoint-12-[0-9a-f]{8}$/],
    ['transformers', /checkpoint-12$/],
  ] as const)('%s: a folder becomes the fine-tuned model once it writes a token', async (server, name) => {
    const place = await servingPlace();
    await (await Dataset.open(place.dataset, { index: false })).saveSettings({ promptSet: 'small' });
    const before = await settingsOf(place.dataset);
    const progress: VerbProgress[] = [];
    const { plan, serving } = await place.serve(
      { what: place.checkpoint, server, program: scripted('ok') },
      NEVER,
      progress,
    );
    expect(plan.modelName).toMatch(name);
    expect(serving).toMatchObject({ run: 'serve-1', reused: false, role: 'fine-tuned' });
    const { fineTuned, ...rest } = await settingsOf(place.dataset);
    expect(fineTuned).toEqual({ kind: 'openai', baseURL: plan.baseURL, model: plan.modelName });
    expect(rest).toEqual(before);
    expect(progress.some(({ message }) => message?.includes('scripted server on'))).toBe(true);
    const stored = await readRun(place.dataset, 'serve-1');
    expect(stored.record).toMatchObject({
      kind: 'serve',
      command: plan.command,
      serving: { server, model: place.checkpoint },
    });
    expect(await attemptsOf(stored)).toMatchObject([{ handle: { runId: 'serve-1', attempt: 1 } }]);
  });

  test('llama.cpp: a GGUF file, under a name that identifies its content', async () => {
    const place = await servingPlace();
    const serveIt = () =>
      place.serve({ what: place.gguf, server: 'llama.cpp', program: scripted('ok'), replace: true });
    const first = (await serveIt()).plan.modelName;
    await writeFile(place.gguf, 'GGUF and other weights');
    const second = (await serveIt()).plan.modelName;
    expect(first).toMatch(/^model-[0-9a-f]{8}$/);
    expect(second).not.toBe(first);
    // Its own defaults would add sampling parameters to those of Longhand.
    const [{ command } = { command: [] }] = await place.running();
    expect(command.slice(-4)).toEqual(['--top-k', '0', '--min-p', '0']);
    expect(await place.running()).toMatchObject([{ id: 'serve-2' }]);
  });

  test('ollama: the model is created in the started server, and then called', async () => {
    const place = await servingPlace();
    const { plan } = await place.serve({ what: place.gguf, server: 'ollama', program: scripted('ok') });
    expect(plan.env.OLLAMA_HOST).toBe(new URL(plan.baseURL).host);
    expect(plan.afterwards?.slice(-4)).toEqual(['create', plan.modelName, '--file', 'Modelfile']);
    const file = await readFile(join(place.dataset, 'runs', 'serve-1', 'job', 'Modelfile'), 'utf8');
    expect(file).toMatch(`FROM "${place.gguf}"\nPARAMETER num_ctx 8192\nPARAMETER top_k 0\n`);
  });

  test('ollama: its error on model creation is reported, and no process is left', async () => {
    const place = await servingPlace();
    const failed = place.serve({ what: place.gguf, server: 'ollama', program: scripted('create-fails') });
    await expect(failed).rejects.toThrow(/unsupported architecture/);
    expect(await place.running()).toEqual([]);
  });

  test('the same command a second time waits for the running server', async () => {
    const place = await servingPlace();
    const args = { what: place.checkpoint, server: 'vllm', program: scripted('ok'), keepEndpoint: true } as const;
    const first = await place.serve(args);
    const second = await place.serve(args);
    expect(second.serving).toMatchObject({ run: 'serve-1', reused: true, role: null });
    expect(second.plan.baseURL).toBe(first.plan.baseURL);
    expect((await settingsOf(place.dataset)).fineTuned).toBeUndefined();
  });

  test('a server from before keeps running, though it does not answer a second caller', async () => {
    const place = await servingPlace();
    const args = { what: place.checkpoint, server: 'vllm', program: scripted('silent-later'), wait: 0.05 } as const;
    await place.serve(args);
    await expect(place.serve(args)).rejects.toThrow(/It was not ready/);
    expect(await place.running()).toMatchObject([{ id: 'serve-1' }]);
  });

  test('a further server uses another port, or replaces the first', async () => {
    const place = await servingPlace();
    const args = { what: place.gguf, server: 'llama.cpp', program: scripted('ok') } as const;
    const first = await place.serve(args);
    const port = Number(new URL(first.plan.baseURL).port);
    const beside = await place.serve({ ...args, name: 'beside' });
    expect(beside.plan.baseURL).not.toBe(first.plan.baseURL);
    await expect(place.serve({ ...args, name: 'third', port })).rejects.toThrow(`Port ${port} is in use.`);
    const instead = await place.serve({ ...args, name: 'third', port, replace: true });
    expect(new URL(instead.plan.baseURL).port).toBe(String(port));
    expect(await place.running()).toMatchObject([{ id: 'serve-3' }]);
  });

  test('a plan runs nothing and changes nothing', async () => {
    const place = await servingPlace();
    const before = await settingsOf(place.dataset);
    const { plan, serving } = await place.serve({
      what: place.checkpoint,
      server: 'vllm',
      program: scripted('ok'),
      plan: true,
    });
    expect(serving).toBeUndefined();
    expect(plan.command.slice(-4, -1)).toEqual(['--served-model-name', plan.modelName, '--generation-config']);
    expect(await settingsOf(place.dataset)).toEqual(before);
    await expect(readRun(place.dataset, 'serve-1')).rejects.toThrow('no run');
  });

  test.each([
    ['port-taken', 'another program uses its port', /free port/],
    ['memory', 'not enough memory', /--max-model-len/],
    ['package', 'a package is missing', /Install the package named in the last lines/],
    ['argument', 'does not support one of its arguments', /--args/],
    ['gpu', 'found no GPU', /starter runtime/],
    ['other', 'ended with code 1', /Fix the reported problem/],
    ['dies-late', 'ended with code 7', /Fix the reported problem/],
    ['no-template', 'chat template', /chat template that it was trained with/],
  ])('%s is reported in words, with the last lines and the path of the log', async (mode, words, advice) => {
    const place = await servingPlace();
    const failure: unknown = await place
      .serve({ what: place.checkpoint, server: 'vllm', program: scripted(mode) })
      .catch((error: unknown) => error);
    if (!(failure instanceof UserError)) throw failure;
    expect(failure.message).toContain(words);
    expect(failure.message).toMatch(/Errors:|Last lines:|It answers 500/);
    expect(failure.advice).toMatch(advice);
    expect(failure.advice).toContain(join('attempts', '1', 'log.txt'));
    expect(await place.running()).toEqual([]);
    if (mode === 'memory') {
      const { report } = await run('run', { dataset: place.dataset, run: 'serve-1' });
      expect(report).toMatchObject({ state: 'failed', serving: { server: 'vllm' } });
      expect(report.failure?.message).toBe('The server ended: there was not enough memory.');
    }
    expect((await settingsOf(place.dataset)).fineTuned).toBeUndefined();
  });

  test.each([
    ['silent', /It was not ready after \d+ s: it answers 503/],
    ['other-model', /it serves another, not /],
  ])('%s: a server that is never ready is stopped', async (mode, words) => {
    const place = await servingPlace();
    const failed = place.serve({ what: place.checkpoint, server: 'vllm', program: scripted(mode), wait: 0.02 });
    await expect(failed).rejects.toThrow(words);
    expect(await place.running()).toEqual([]);
  });

  test('another server on the port of a dead one is not used', async () => {
    const answers = '{"data":[{"id":"x"}],"choices":[{}]}';
    const other = createServer((_request, response) => response.end(answers));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const ready = (state: 'running' | 'failed') =>
      waitUntilReady({
        baseURL: `http://127.0.0.1:${port}/v1`,
        health: '/health',
        lists: true,
        modelName: 'x',
        status: async () => ({ state }),
        limitSeconds: 5,
        signal: NEVER,
        onWait: () => {},
      });
    try {
      await ready('running');
      await expect(ready('failed')).rejects.toMatchObject({ why: 'ended' });
    } finally {
      other.close();
    }
  });

  test('cancelled: the server is stopped', async () => {
    const place = await servingPlace();
    const cancel = new AbortController();
    const progress: VerbProgress[] = [];
    const push = progress.push.bind(progress);
    progress.push = (...more) => {
      if (more.some(({ unit }) => unit === 's')) cancel.abort();
      return push(...more);
    };
    const failed = place.serve(
      { what: place.gguf, server: 'llama.cpp', program: scripted('silent') },
      cancel.signal,
      progress,
    );
    await expect(failed).rejects.toThrow(/abort/i);
    expect(await place.running()).toEqual([]);
  });

  test('the reason why it was not ready is reported, also where it can’t be stopped', async () => {
    const place = await servingPlace();
    const state = join(place.dataset, 'runs', 'serve-1', 'attempts', '1', 'state.json');
    const onHost = async (host: string) =>
      writeAtomic(state, JSON.stringify({ ...JSON.parse(await readFile(state, 'utf8')), host }));
    const heard: string[] = [];
    const progress: VerbProgress[] = [];
    let renamed = Promise.resolve();
    progress.push = (...more) => {
      if (more.some(({ unit }) => unit === 's')) renamed = renamed.then(() => onHost('renamed'));
      return more.length;
    };
    const failed = place.serve(
      { what: place.gguf, server: 'llama.cpp', program: scripted('silent'), wait: 0.03 },
      NEVER,
      progress,
      (text) => heard.push(text),
    );
    try {
      await expect(failed).rejects.toThrow(/It was not ready after/);
      expect(heard.join('\n')).toMatch(/^serve-1 could not be stopped: The job runs on renamed, .*was renamed/);
    } finally {
      await renamed;
      await onHost(hostname());
    }
  });

  test('a model that can’t be served is refused with advice', async () => {
    const place = await servingPlace();
    const refused = (args: Parameters<typeof place.serve>[0]) => place.serve(args).catch((error: unknown) => error);
    expect(await refused({ what: place.gguf, server: 'vllm', program: scripted('ok') })).toMatchObject({
      message: expect.stringContaining('a GGUF file, which vLLM can’t open'),
      advice: 'Choose --server starter or llama.cpp or ollama.',
    });
    expect(await refused({ what: place.home })).toMatchObject({
      message: expect.stringContaining('contains no model'),
    });
    expect(await refused({ what: join(place.home, 'none.gguf') })).toMatchObject({
      message: expect.stringContaining('There is no'),
    });
    await writeFile(join(place.home, 'fake.gguf'), 'not');
    expect(await refused({ what: join(place.home, 'fake.gguf') })).toMatchObject({
      message: expect.stringContaining('is not a GGUF'),
    });
    expect(await refused({ what: place.checkpoint, server: 'vllm', program: ['no-such-vllm'] })).toMatchObject({
      message: 'no-such-vllm was not found on the PATH.',
      advice: expect.stringContaining('pip install vllm'),
    });
    expect(await refused({ what: place.checkpoint, engine: 'ray' })).toMatchObject({
      advice: expect.stringContaining('longhand model DATASET --role fine-tuned'),
    });
  });

  test('a run means its last complete checkpoint, or the named one', async () => {
    const place = await servingPlace();
    const out = join(place.dataset, 'runs', 'sft-1', 'out');
    await writeRun(place.dataset, 'sft-1');
    for (const [step, whole] of [
      [4, true],
      [8, true],
      [12, false],
    ] as const)
      await writeCheckpoint(out, step, whole);
    const plan = async (args: { checkpoint?: number } = {}) =>
      (await place.serve({ what: 'sft-1', server: 'vllm', program: scripted('ok'), plan: true, ...args })).plan;
    expect(await plan()).toMatchObject({
      run: 'sft-1',
      model: join(out, 'checkpoint-8'),
      modelName: expect.stringMatching(/^sft-1-checkpoint-8-[0-9a-f]{8}$/),
    });
    expect((await plan({ checkpoint: 4 })).model).toBe(join(out, 'checkpoint-4'));
    await expect(plan({ checkpoint: 12 })).rejects.toMatchObject({
      message: 'Run sft-1 has no complete checkpoint of step 12.',
      advice: 'Complete checkpoints: steps 4, 8.',
    });
    await rm(join(out, 'checkpoint-8'), { recursive: true });
    await symlink(join(out, 'checkpoint-4'), join(out, 'checkpoint-8'));
    await writeFile(join(out, 'checkpoint-4', 'trainer_state.json'), '{"global_step":8}');
    await expect(plan()).rejects.toMatchObject({ kind: 'symbolic-link' });
  });

  test('a finished run means its trained model, also in a folder that the nodes share', async () => {
    const place = await servingPlace();
    const shared = join(place.home, 'shared');
    const engine = { engine: 'slurm', rest: 'http://127.0.0.1:9', sharedFolder: shared } as const;
    await writeRun(place.dataset, 'lora-1', engine);
    const out = join(shared, 'lora-1', 'out');
    await writeCheckpoint(out, 4, true);
    await writeCheckpoint(out, 8, true);
    const plan = async (args: { checkpoint?: number } = {}) =>
      (await place.serve({ what: 'lora-1', server: 'vllm', program: scripted('ok'), plan: true, ...args })).plan;
    expect((await plan()).model).toBe(join(out, 'checkpoint-8'));
    await rename(join(out, 'checkpoint-8'), join(out, 'final'));
    const end = { event: 'end', step: 8, total: 8, checkpoint: 'out/final' };
    await writeFile(join(shared, 'lora-1', 'progress.jsonl'), `${JSON.stringify(end)}\n`);
    expect(await plan()).toMatchObject({
      run: 'lora-1',
      model: join(out, 'final'),
      modelName: expect.stringMatching(/^lora-1-final-[0-9a-f]{8}$/),
    });
    expect((await plan({ checkpoint: 4 })).model).toBe(join(out, 'checkpoint-4'));
  });

  test('an adapter is served on its base model, by the servers that can', async () => {
    const place = await servingPlace();
    const adapter = join(place.home, 'adapter');
    await mkdir(adapter);
    await writeFile(join(adapter, 'adapter_config.json'), '{"base_model_name_or_path":"Qwen/Qwen2.5-1.5B","r":24}');
    await writeFile(join(adapter, 'adapter_model.safetensors'), 'weights');
    const vllm = await place.serve({ what: adapter, server: 'vllm', program: scripted('ok') });
    expect(vllm.plan.command.join(' ')).toContain(`serve Qwen/Qwen2.5-1.5B --host 127.0.0.1`);
    expect(vllm.plan.command.join(' ')).toContain(
      `--max-lora-rank 32 --lora-modules ${vllm.plan.modelName}=${adapter}`,
    );
    const sglang = await place.serve({ what: adapter, server: 'sglang', program: scripted('ok') });
    expect(sglang.plan.modelName).toMatch(/^base:adapter-[0-9a-f]{8}$/);
    await expect(place.serve({ what: adapter })).rejects.toMatchObject({
      advice: 'Choose --server vllm or sglang, or merge it into its base model first.',
    });
  });
});
