import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import {
  answerSchema,
  BEHAVIOUR_TASK,
  type JudgeWindow,
  sameAnswerSchema,
} from '../../../src/core/review/judge/index.ts';
import type { CallRequest } from '../../../src/core/schemas/index.ts';
import { ModelClient } from '../../../src/models/client.ts';
import { connect } from '../../../src/models/connect.ts';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { starterModel } from '../../../src/models/starter/catalogue.ts';
import { installStarter } from '../../../src/models/starter/install.ts';
import {
  ensureStarter,
  type RunningStarter,
  starterStatus,
  stopStarter,
} from '../../../src/models/starter/lifecycle.ts';
import { buildOf, Health, readState } from '../../../src/models/starter/state.ts';
import { isAlive } from '../../../src/system/process.ts';

const model = starterModel('smollm2-135m-instruct');
const { id } = model;

/** Installed into the user's cache, which all checkouts share; run from its own cache, so that no other server is affected. */
let cache: string;
let dist: string;
let script: string;
let unreachable: string | undefined;

async function bundle(outfile: string, banner = '') {
  await build({
    entryPoints: [resolve(import.meta.dirname, '../../../src/models/starter/server.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: { js: banner },
  });
}

beforeAll(async () => {
  const shared = cacheFolder();
  try {
    await installStarter({ model: id });
  } catch (error) {
    if (!(error instanceof UserError) || (error.kind !== 'network' && error.kind !== 'missing-tool')) throw error;
    unreachable = `the starter model can't be installed here: ${error.message}`;
    return;
  }
  cache = await mkdtemp(join(tmpdir(), 'longhand-starter-'));
  await mkdir(join(cache, 'starter'));
  for (const part of ['runtime', 'models']) {
    await symlink(join(shared, 'starter', part), join(cache, 'starter', part), 'junction');
  }
  dist = join(cache, 'dist');
  script = join(dist, 'starter.mjs');
  await bundle(script);
}, 600_000);

beforeEach((context) => context.skip(unreachable !== undefined, unreachable));

afterAll(async () => {
  if (unreachable !== undefined) return;
  await stopStarter({ model: id, cache });
  await rm(cache, { recursive: true, force: true });
}, 30_000);

const ensure = (serverScript = script) => ensureStarter({ model: id, cache, serverScript, threads: 1 });

function ask(seed: number, content = 'What is 7 + 8?', maxTokens = 24): CallRequest {
  return {
    host: 'starter',
    model: id,
    messages: [{ role: 'user', content }],
    sampling: { temperature: 1, topP: 0.95, maxTokens },
    seed,
  };
}

async function post(starter: RunningStarter, body: object, token = starter.token) {
  const response = await fetch(`${starter.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: id, messages: [{ role: 'user', content: 'Count: 1 2 3 4' }], ...body }),
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Reply };
}

interface Reply {
  choices: { message: { content: string }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } };
  error: { message: string };
}

/** A server with its own flags, outside of the lifecycle. @returns when it answers. */
async function startBy(flags: string[]): Promise<RunningStarter & { ended: Promise<unknown> }> {
  const paths = starterPaths(cache, model);
  const state = join(cache, `own-${Math.random().toString(36).slice(2)}.json`);
  const token = 'token-of-the-test-0123456789';
  const args = ['--model', id, '--runtime', paths.runtime, '--weights', paths.weights, '--state', state];
  const child = spawn(
    process.execPath,
    [script, ...args, '--scratch', `${state}.d`, '--instance', 'of-the-test', ...flags],
    {
      env: { ...process.env, LONGHAND_STARTER_TOKEN: token },
      stdio: 'ignore',
    },
  );
  const ended = once(child, 'exit');
  for (;;) {
    const ready = await readState(state);
    if (ready) return { baseURL: `http://127.0.0.1:${ready.port}/v1`, token, pid: ready.pid, reused: false, ended };
    expect(child.exitCode).toBeNull();
    await sleep(50);
  }
}

describe('the life of the server', () => {
  test('two concurrent callers share one, which is not started again for a third', async () => {
    const [one, two] = await Promise.all([ensure(), ensure()]);
    expect(one.pid).toBe(two.pid);
    expect([one.reused, two.reused].sort()).toEqual([false, true]);
    expect(await ensure()).toMatchObject({ pid: one.pid, reused: true });
    const status = await starterStatus({ model: id, cache });
    expect(status).toMatchObject({ installed: true, running: true, pid: one.pid });
  }, 60_000);

  test('only its user can read its state, which holds the token; neither token nor prompts are in the log', async () => {
    const starter = await ensure();
    await post(starter, { max_tokens: 4, messages: [{ role: 'user', content: 'a private matter' }] });
    const paths = starterPaths(cache, model);
    if (process.platform !== 'win32') {
      expect((await stat(paths.state(await buildOf(script)))).mode & 0o777).toBe(0o600);
    }
    // The server logs a reply after it has sent it: the line may come a moment after the reply.
    const log = await vi.waitFor(async () => {
      const lines = await readFile(paths.log, 'utf8');
      expect(lines).toContain('4 written');
      return lines;
    }, 5_000);
    expect(log).toContain('ready on 127.0.0.1');
    expect(log).not.toContain(starter.token);
    expect(log).not.toContain('private');
  }, 60_000);

  test('a killed server is replaced', async () => {
    const { pid } = await ensure();
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await sleep(20);
    expect((await starterStatus({ model: id, cache })).running).toBe(false);
    const next = await ensure();
    expect(next.reused).toBe(false);
    expect((await post(next, { max_tokens: 2 })).status).toBe(200);
  }, 60_000);

  test('a server of another build is left alone and not used', async () => {
    const first = await ensure();
    const other = join(dist, 'other.mjs');
    await bundle(other, '// another build');
    const second = await ensure(other);
    expect(second).toMatchObject({ reused: false });
    expect(second.pid).not.toBe(first.pid);
    expect(isAlive(first.pid)).toBe(true);
    expect(await stopStarter({ model: id, cache, serverScript: other })).toBe(1);
    expect([first, second].map(({ pid }) => isAlive(pid))).toEqual([true, false]);
    await ensure(other);
    expect(await stopStarter({ model: id, cache })).toBe(2);
    expect([first, second].map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    expect((await starterStatus({ model: id, cache })).running).toBe(false);
    const left = await readdir(starterPaths(cache, model).run);
    expect(left.filter((name) => !name.endsWith('.log'))).toEqual([]);
  }, 60_000);

  test('a server that is stopped in the middle of a call is started again for the next', async () => {
    const client = await connect({ kind: 'starter', model: id }, { idleTimeoutMs: 60_000, distFolder: dist, cache });
    const before = client.baseURL;
    const cut = client.chat(ask(1, 'Tell me a very long story.', 2_000));
    const seen = cut.catch((error: unknown) => error);
    await sleep(300);
    await stopStarter({ model: id, cache });
    expect(await seen).toMatchObject({ retryable: true });
    expect((await client.chat(ask(1, 'hi', 4))).usage.completion).toBeLessThanOrEqual(4);
    expect(client.baseURL).not.toBe(before);
  }, 60_000);

  test('it ends after a time without requests', async () => {
    const { ended } = await startBy(['--idle-seconds', '0.5']);
    expect(await ended).toEqual([0, null]);
  }, 60_000);

  test('a server that cannot start reports why', async () => {
    const broken = join(dist, 'broken.mjs');
    await bundle(broken, 'delete process.env.LONGHAND_STARTER_TOKEN;');
    await expect(ensure(broken)).rejects.toMatchObject({
      kind: 'start',
      message: expect.stringContaining('LONGHAND_STARTER_TOKEN is not set'),
      advice: expect.stringContaining('log'),
    });
  }, 60_000);

  test('a start that is cancelled leaves no server', async () => {
    await stopStarter({ model: id, cache });
    const signal = AbortSignal.timeout(50);
    const start = ensureStarter({ model: id, cache, serverScript: script, threads: 1, signal });
    await expect(start).rejects.toMatchObject({ kind: 'cancelled' });
    expect((await starterStatus({ model: id, cache })).running).toBe(false);
  }, 60_000);
});

describe('a reply', () => {
  let client: ModelClient;
  let starter: RunningStarter;
  beforeAll(async () => {
    if (unreachable !== undefined) return;
    starter = await ensure();
    client = await connect({ kind: 'starter', model: id }, { idleTimeoutMs: 60_000, distFolder: dist, cache });
  }, 60_000);

  test('is real: with token counts and the actual finish reason', async () => {
    const cut = await client.chat(ask(1, 'Tell me about the sea.', 8));
    expect(cut).toMatchObject({ finish: 'length', usage: { completion: 8, estimated: false } });
    const short = {
      ...ask(1, 'Reply with one word: yes.', 400),
      sampling: { temperature: 0, topP: 1, maxTokens: 400 },
    };
    const whole = await client.chat(short);
    expect(whole.finish).toBe('stop');
    expect(whole.text).not.toContain('<|im_end|>');
    expect(whole.usage.completion).toBeLessThan(400);
  }, 60_000);

  test('is the same for the same seed, alone, among others and on a fresh server, and different for another seed', async () => {
    // A long prefix that all share, so that some prompts are evaluated and some are restored, in whatever order.
    const examples = Array.from({ length: 10 }, (_, i) => `${i} + ${i + 1} = ${2 * i + 1}`).join('. ');
    const requests = Array.from({ length: 6 }, (_, i) => ask(i, `${examples}. What is ${i + 3} + ${2 * i}?`));
    const alone: string[] = [];
    for (const request of requests) alone.push((await client.chat(request)).text);
    expect(new Set(alone).size).toBeGreaterThan(3);
    const amid = await Promise.all(requests.map((request) => client.chat(request)));
    expect(amid.map(({ text }) => text)).toEqual(alone);
    await stopStarter({ model: id, cache });
    client = await connect({ kind: 'starter', model: id }, { idleTimeoutMs: 60_000, distFolder: dist, cache });
    starter = await ensure();
    const backwards = await Promise.all(requests.toReversed().map((request) => client.chat(request)));
    expect(backwards.toReversed().map(({ text }) => text)).toEqual(alone);
    const seeds = await Promise.all([100, 101, 102, 103].map((seed) => client.chat(ask(seed))));
    expect(new Set(seeds.map(({ text }) => text)).size).toBe(4);
  }, 180_000);

  test('streams the same text as it returns whole', async () => {
    const request = { seed: 5, max_tokens: 20, temperature: 1 };
    const whole = await post(starter, request);
    const streamed = await client.chat({
      ...ask(5, 'Count: 1 2 3 4', 20),
      sampling: { temperature: 1, topP: 1, maxTokens: 20 },
    });
    expect(streamed.text).toBe(whole.json.choices[0]?.message.content);
    expect(streamed.usage.completion).toBe(whole.json.usage.completion_tokens);
  }, 60_000);

  test('has n choices, and ends at a stop text', async () => {
    const { json } = await post(starter, { n: 3, seed: 1, max_tokens: 12 });
    expect(new Set(json.choices.map(({ message }) => message.content)).size).toBe(3);
    const full = await post(starter, { seed: 1, max_tokens: 12, temperature: 0 });
    const text = full.json.choices[0]?.message.content ?? '';
    const stop = text.slice(5, 8);
    const cut = await post(starter, { seed: 1, max_tokens: 12, temperature: 0, stop });
    expect(cut.json.choices[0]).toMatchObject({
      message: { content: text.slice(0, text.indexOf(stop)) },
      finish_reason: 'stop',
    });
  }, 60_000);

  test('does not evaluate a prefix twice', async () => {
    const examples = Array.from({ length: 30 }, (_, i) => `${i} - 1 = ${i - 1}`).join(', ');
    const about = (last: string) => ({ max_tokens: 2, messages: [{ role: 'user', content: `${examples}. ${last}` }] });
    const first = await post(starter, about('What is 9 - 1?'));
    const { prompt_tokens } = first.json.usage;
    // Four prompts of another kind occupy all sequences, so that the next one must be restored.
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((word) => post(starter, { max_tokens: 2, messages: [{ role: 'user', content: word }] })),
    );
    const second = await post(starter, about('And 8 - 1?'));
    expect(second.json.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(prompt_tokens - 30);
  }, 60_000);

  test('continues exactly the given text', async () => {
    const greedy = {
      ...ask(1, 'Count from one to ten in words.', 40),
      sampling: { temperature: 0, topP: 1, maxTokens: 40 },
    };
    const { text } = await client.chat(greedy);
    const words = [...text.matchAll(/\s/g)].map(({ index }) => index);
    const cuts = words.filter((_, i) => i % 4 === 1);
    expect(cuts.length).toBeGreaterThan(1);
    for (const cut of cuts) {
      const request = { ...greedy, prefix: text.slice(0, cut) };
      expect(await client.checkOfPrefix(request)).toBe('ids');
      const rest = await client.chat(request);
      expect(request.prefix + rest.text.slice(0, text.length - cut)).toBe(text);
    }
  }, 60_000);

  test('follows a JSON Schema, such as those of the judges, and any JSON on request', async () => {
    const starter = await ensure();
    const asked = [1, 2, 3].map((n) => ({ n, text: `Sentence ${n}.` }));
    const schema = answerSchema({ asked } as unknown as JudgeWindow, BEHAVIOUR_TASK);
    const reply = async (format: object, seed: number): Promise<unknown> => {
      const body = { max_tokens: 400, temperature: 1, seed, response_format: format };
      const { status, json } = await post(starter, body);
      expect([status, json.choices[0]?.finish_reason]).toEqual([200, 'stop']);
      return JSON.parse(json.choices[0]?.message.content ?? '');
    };
    for (const seed of [1, 2]) {
      const { labels } = (await reply({ type: 'json_schema', json_schema: { schema } }, seed)) as { labels: object };
      expect(Object.keys(labels)).toEqual(['1', '2', '3']);
      const same = await reply({ type: 'json_schema', json_schema: { schema: sameAnswerSchema() } }, seed);
      expect(same).toEqual({ reason: expect.any(String), same: expect.any(Boolean) });
    }
    expect(await reply({ type: 'json_schema', json_schema: { schema: { type: 'boolean' } } }, 1)).toBeTypeOf('boolean');
    const refused = await post(starter, { response_format: { type: 'json_schema', json_schema: {} } });
    expect([refused.status, refused.json.error.message]).toEqual([400, expect.stringContaining('response_format')]);
  }, 120_000);

  test('reads the text of a control token as plain text', async () => {
    const count = async (content: string) =>
      (await post(starter, { max_tokens: 1, messages: [{ role: 'user', content }] })).json.usage.prompt_tokens;
    const plain = await count('a b');
    expect(await count('a <|im_end|> b')).toBeGreaterThan(plain + 3);
  }, 60_000);
});

describe('requests that the server refuses', () => {
  let starter: RunningStarter;
  beforeAll(async () => {
    if (unreachable === undefined) starter = await ensure();
  }, 60_000);

  test('a request without the token', async () => {
    for (const token of ['', 'wrong', `${starter.token}x`]) expect((await post(starter, {}, token)).status).toBe(401);
    const shutdown = await fetch(`${new URL(starter.baseURL).origin}/shutdown`, { method: 'POST' });
    expect(shutdown.status).toBe(401);
    const health = await fetch(`${new URL(starter.baseURL).origin}/health`);
    expect(Health.parse(await health.json())).toMatchObject({ model: id, sequences: 4, threads: 1, contextSize: 3072 });
  }, 60_000);

  test('a prompt that is too long, with a message', async () => {
    const { status, json } = await post(starter, { messages: [{ role: 'user', content: 'word '.repeat(4_000) }] });
    expect(status).toBe(400);
    expect(json.error.message).toMatch(/[\d,]+ tokens .* context of 3,072 tokens/);
  }, 60_000);

  test('another model, with the names of the available ones', async () => {
    const client = new ModelClient({
      baseURL: starter.baseURL,
      apiKey: starter.token,
      host: 'starter',
      idleTimeoutMs: 30_000,
    });
    await expect(client.chat({ ...ask(1), model: 'gpt' })).rejects.toMatchObject({
      kind: 'not-found',
      advice: expect.stringContaining(id),
    });
  }, 60_000);

  test('more requests than its queue holds, with the time to wait', async () => {
    const { ended, ...own } = await startBy(['--sequences', '1', '--queue', '1']);
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(own, { max_tokens: 30 })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    process.kill(own.pid, 'SIGTERM');
    await ended;
  }, 60_000);

  test('none of a check: seed, usage and streaming are supported', async () => {
    const client = await connect({ kind: 'starter', model: id }, { idleTimeoutMs: 30_000, distFolder: dist, cache });
    expect(await client.check(id)).toMatchObject({ seed: 'honoured', usageReported: true, streamed: true });
    expect(await client.listModels()).toEqual([id]);
  }, 60_000);
});

test('a cancelled call frees its slot', async () => {
  const { ended, ...own } = await startBy(['--sequences', '1']);
  const client = new ModelClient({ baseURL: own.baseURL, apiKey: own.token, host: 'starter', idleTimeoutMs: 30_000 });
  const long = client.chat(ask(1, 'Tell me a very long story.', 2_500), AbortSignal.timeout(500));
  await expect(long).rejects.toMatchObject({ kind: 'cancelled' });
  expect((await client.chat(ask(1, 'hi', 4))).usage.completion).toBeLessThanOrEqual(4);
  const health = await fetch(`${new URL(own.baseURL).origin}/health`);
  expect(Health.parse(await health.json()).load).toBe(0);
  process.kill(own.pid, 'SIGTERM');
  await ended;
  expect(existsSync(starterPaths(cache, model).run)).toBe(true);
}, 60_000);
