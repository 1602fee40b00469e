import { afterEach, describe, expect, test } from 'vitest';
import type { CallRequest } from '../../../src/core/schemas/index.ts';
import { Bridge, type BridgedModel, type BridgedSampling } from '../../../src/models/bridge.ts';
import { ModelClient } from '../../../src/models/client.ts';
import { connect } from '../../../src/models/connect.ts';
import { WINDOW_REFUSED } from '../../../src/models/errors.ts';
import { ApiError } from '../../../src/models/starter/api.ts';

// The models behind these bridges are SCRIPTED, and no VS Code runs. test/host tests the real one.

const open: Bridge[] = [];
afterEach(() => {
  for (const bridge of open.splice(0)) bridge.close();
  delete process.env.LONGHAND_VSCODE_URL;
  delete process.env.LONGHAND_VSCODE_TOKEN;
});

/** A promise to be resolved from outside. */
function gateway(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

interface Heard {
  messages: unknown;
  sampling: BridgedSampling;
}

async function setUp(send: BridgedModel['send'] = async function* () {}) {
  const heard: Heard[] = [];
  const bridge = await Bridge.start({
    log: () => {},
    list: async (vendor) => (vendor === 'a vendor' ? ['m'] : []),
    find: async (vendor, id) => {
      if (vendor !== 'a vendor' || id !== 'm') throw new ApiError(404, `no model ${id} of ${vendor}`);
      return {
        send: (messages, sampling, signal) => {
          heard.push({ messages, sampling });
          return send(messages, sampling, signal);
        },
        countTokens: async (text) => text.length,
      };
    },
  });
  open.push(bridge);
  const { url, token } = bridge.access;
  const baseURL = `${url}/a%20vendor/v1`;
  const client = new ModelClient({ baseURL, apiKey: token, host: 'vscode:a vendor', idleTimeoutMs: 5_000 });
  return { bridge, client, heard, baseURL, token };
}

const request: CallRequest = {
  host: 'vscode:a vendor',
  model: 'm',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'What is 7 + 8?' },
  ],
  sampling: { temperature: 0.7, topP: 0.9, maxTokens: 64 },
  seed: 42,
};

describe('a bridge to models of VS Code', () => {
  test('streams a reply, counts tokens with the counter of the model, and forwards the whole request', async () => {
    const { client, heard } = await setUp(async function* () {
      yield '<think>8 + 7</think>';
      yield '15';
    });
    const reply = await client.chat(request);
    expect(reply).toMatchObject({
      text: '15',
      reasoning: '8 + 7',
      finish: 'stop',
      usage: {
        prompt: 'Be short.\nWhat is 7 + 8?'.length,
        completion: '<think>8 + 7</think>15'.length,
        estimated: false,
      },
    });
    expect(heard).toEqual([
      { messages: request.messages, sampling: { temperature: 0.7, top_p: 0.9, max_tokens: 64, seed: 42 } },
    ]);
    expect(await client.listModels()).toEqual(['m']);
  });

  test.each([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer 00' }, 401],
    ['an origin, even with the token', { origin: 'http://127.0.0.1' }, 403],
  ])('rejects a request with %s', async (_what, headers, status) => {
    const { baseURL, token, heard } = await setUp();
    const known = 'origin' in headers ? { authorization: `Bearer ${token}` } : {};
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
    const answer = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      body,
      headers: { ...known, ...headers },
    });
    expect(answer.status).toBe(status);
    expect(heard).toEqual([]);
  });

  test.each([
    ['not JSON', '{'],
    ['no messages', '{"model":"m"}'],
    ['several choices', '{"model":"m","n":2,"messages":[{"role":"user","content":"x"}]}'],
  ])('refuses a body with %s', async (_what, body) => {
    const { baseURL, token, heard } = await setUp();
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${baseURL}/chat/completions`, { method: 'POST', body, headers })).status).toBe(400);
    expect(heard).toEqual([]);
  });

  test('reports a refusal by VS Code and an unknown model', async () => {
    const { client } = await setUp(async function* () {
      yield* [];
      throw new ApiError(403, 'VS Code blocks calls to M: quota.', undefined, WINDOW_REFUSED);
    });
    await expect(client.chat(request)).rejects.toMatchObject({
      kind: 'auth',
      retryable: false,
      message: 'VS Code blocks calls to M: quota.',
    });
    await expect(client.chat({ ...request, model: 'other' })).rejects.toMatchObject({
      kind: 'not-found',
      advice: expect.stringContaining('m'),
    });
  });

  test('runs two calls at a time and answers with a rate limit when too many wait', async () => {
    const inside = { now: 0, most: 0 };
    const gate = gateway();
    const { client } = await setUp(async function* () {
      inside.most = Math.max(inside.most, ++inside.now);
      await gate.promise;
      inside.now--;
      yield 'ok';
    });
    const calls = Array.from({ length: 19 }, () =>
      client.chat(request).then(
        () => 'ok',
        (error) => error.kind,
      ),
    );
    const turnedAway = await Promise.race(calls);
    expect(turnedAway).toBe('rate-limit');
    gate.resolve();
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(18);
    expect(inside.most).toBe(2);
  });
});

describe('a model whose window was closed', () => {
  const ref = { kind: 'vscode', vendor: 'a vendor', family: 'f', model: 'm' } as const;
  const options = { idleTimeoutMs: 5_000, distFolder: '' };

  test('cannot be connected to', async () => {
    await expect(connect(ref, options)).rejects.toMatchObject({ kind: 'closed', retryable: false });
  });

  test('ends a running call with an error and advice, without a retry', async () => {
    const begun = gateway();
    const { bridge } = await setUp(async function* (_messages, _sampling, signal) {
      yield 'one';
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    });
    const { url, token } = bridge.access;
    Object.assign(process.env, { LONGHAND_VSCODE_URL: url, LONGHAND_VSCODE_TOKEN: token });
    const client = await connect(ref, options);
    const call = client.chat(request);
    await begun.promise;
    bridge.close();
    await expect(call).rejects.toMatchObject({
      kind: 'closed',
      retryable: false,
      advice: expect.stringContaining('Longhand: Resume…'),
    });
  });
});
