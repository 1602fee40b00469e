import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CallReply, type CallRequest } from '../../../src/core/schemas/index.ts';
import { ModelClient } from '../../../src/models/client.ts';
import { ModelError } from '../../../src/models/errors.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';

afterEach(() => void vi.unstubAllEnvs());

const SECRET = 'sk-very-secret-0123456789';

async function setUp(
  respond: (request: Received, index: number) => Scripted,
  options: { apiKey?: string; idleTimeoutMs?: number; models?: string[] } = {},
) {
  const server = await serve(respond, options.models);
  const client = new ModelClient({
    baseURL: server.baseURL,
    host: server.host,
    idleTimeoutMs: options.idleTimeoutMs ?? 5_000,
    apiKey: options.apiKey,
  });
  return { server, client, request: ask(server.host) };
}

function ask(host: string): CallRequest {
  return {
    host,
    model: 'scripted',
    messages: [{ role: 'user', content: 'What is 7 + 8?' }],
    sampling: { temperature: 0.7, topP: 0.95, maxTokens: 64 },
    seed: 42,
  };
}

async function failure(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}

describe('a call', () => {
  test.each([
    ['streamed', false],
    ['in one piece', true],
  ])('removes a key that the server quotes from a reply that comes %s', async (_how, ignoreStream) => {
    const quoted = `Authorization: Bearer ${SECRET}, ${Buffer.from(SECRET).toString('base64')}`;
    const respond = (): Scripted => ({
      content: `${quoted} \\boxed{15}`,
      reasoning: { field: 'reasoning_content', text: quoted },
      finish: SECRET,
      ignoreStream,
    });
    const { client, request } = await setUp(respond, { apiKey: SECRET, models: [SECRET, 'scripted'] });
    const hidden = 'Authorization: Bearer …, …';
    const reply = await client.chat(request);
    expect(reply).toMatchObject({ text: `${hidden} \\boxed{15}`, reasoning: hidden, finish: '…' });
    expect(await client.listModels()).toEqual(['…', 'scripted']);
  });

  test('keeps words of a reply that are the placeholder of a key', async () => {
    const { client, request } = await setUp(() => ({ content: 'The set is EMPTY.' }), { apiKey: 'EMPTY' });
    expect((await client.chat(request)).text).toBe('The set is EMPTY.');
  });

  test('streams, uses the token counts of the server and sends all sampling parameters', async () => {
    const { client, request, server } = await setUp(() => ({ content: 'It is \\boxed{15}.' }));
    const reply = await client.chat(request);
    expect(reply).toMatchObject({
      text: 'It is \\boxed{15}.',
      finish: 'stop',
      usage: { prompt: 11, completion: 7, estimated: false },
    });
    expect(reply.reasoning).toBeUndefined();
    expect(server.received[0]?.body).toMatchObject({
      model: 'scripted',
      messages: request.messages,
      temperature: 0.7,
      top_p: 0.95,
      max_tokens: 64,
      seed: 42,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('estimates tokens as characters / 4 when the server sends no counts', async () => {
    const { client, request } = await setUp(() => ({ content: '12345678', usage: null }));
    expect((await client.chat(request)).usage).toEqual({ prompt: 4, completion: 2, estimated: true });
  });

  test('for several replies uses the tokens of each where the server counts them separately, as llama.cpp does', async () => {
    const chunks = [
      { choices: [{ index: 1, delta: { content: 'a longer reply' } }] },
      { choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
      { choices: [], usage: { prompt_tokens: 35, completion_tokens: 5 } },
      { choices: [{ index: 0, delta: { content: 'short' } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 35, completion_tokens: 4 } },
    ];
    const counted = async (parts: readonly object[]) => {
      const body = [...parts.map((part) => JSON.stringify(part)), '[DONE]'].map((part) => `data: ${part}\n\n`).join('');
      const { client, request } = await setUp(() => ({ raw: { type: 'text/event-stream', body } }));
      return (await client.chatMany(request, 2)).replies.map(({ reply }) => reply.usage);
    };
    expect(await counted(chunks)).toEqual([
      { prompt: 35, completion: 4, estimated: false },
      { prompt: 0, completion: 5, estimated: false },
    ]);
    // One count for all replies: shares of it.
    expect(
      await counted(
        chunks.toSpliced(2, 1).with(-1, { choices: [], usage: { prompt_tokens: 35, completion_tokens: 19 } }),
      ),
    ).toEqual([
      { prompt: 35, completion: 5, estimated: true },
      { prompt: 0, completion: 14, estimated: true },
    ]);
  });

  test.each([
    { prompt_tokens: -1, completion_tokens: 2.5 },
    { prompt_tokens: '11', completion_tokens: 1e300 },
    // The sum of two such replies is no longer a whole number, and a chain with it can't be read.
    { prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: Number.MAX_SAFE_INTEGER },
    'many',
  ])('an invalid count, %j, is replaced by an estimate: the reply is paid for and must be kept', async (usage) => {
    const reply = { choices: [{ message: { content: '12345678' }, finish_reason: 'stop' }], usage };
    const raw = { type: 'application/json', body: JSON.stringify(reply) };
    const { client, request } = await setUp(() => ({ raw }));
    const { usage: counted } = CallReply.parse(await client.chat(request));
    expect(counted).toEqual({ prompt: 4, completion: 2, estimated: true });
  });

  test('accepts one reply per index: a server that gives all choices the index 0 does not merge two replies', async () => {
    const choice = (content: string) => ({ index: 0, message: { content }, finish_reason: 'stop' });
    const body = JSON.stringify({ choices: [choice('It is 15.'), choice('It is 16.')] });
    const { client, request } = await setUp(() => ({ raw: { type: 'application/json', body } }));
    const { replies } = await client.chatMany(request, 2);
    expect(replies.map(({ reply }) => reply.text)).toEqual(['It is 15.']);
    expect(client.mostChoices).toBe(1);
  });

  test('recognises a truncated reply by its finish reason', async () => {
    const { client, request } = await setUp(() => ({ finish: 'length' }));
    expect((await client.chat(request)).finish).toBe('length');
  });

  test('sends the key as a bearer token, and no authorization at all without a key', async () => {
    const keyed = await setUp(() => ({}), { apiKey: SECRET });
    await keyed.client.chat(keyed.request);
    expect(keyed.server.received[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    const bare = await setUp(() => ({}));
    await bare.client.chat(bare.request);
    expect(bare.server.received[0]?.headers.authorization).toBeUndefined();
  });

  test('sends nothing that the environment has for another host', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-meant-for-another-host');
    vi.stubEnv('OPENAI_ADMIN_KEY', 'sk-admin-for-another-host');
    vi.stubEnv('OPENAI_ORG_ID', 'org-meant-for-another-host');
    vi.stubEnv(
      'OPENAI_CUSTOM_HEADERS',
      'x-token: meant-for-another-host\nauthorization: Bearer meant-for-another-host',
    );
    for (const apiKey of [undefined, SECRET]) {
      const { client, request, server } = await setUp(() => ({}), apiKey === undefined ? {} : { apiKey });
      await client.chat(request);
      await client.listModels();
      expect(server.received.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
      for (const { headers } of [...server.received, ...server.listed]) {
        expect(headers.authorization).toBe(apiKey && `Bearer ${apiKey}`);
        expect(JSON.stringify(headers)).not.toContain('another-host');
        expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([]);
      }
    }
  });

  test('follows no redirect: the key is not sent to another host', async () => {
    const other = await setUp(() => ({}));
    for (const status of [301, 302, 307, 308]) {
      const headers = { location: `${other.server.baseURL}/chat/completions` };
      const { client, request } = await setUp(() => ({ status, headers, raw: { type: 'text/plain', body: '' } }), {
        apiKey: SECRET,
      });
      expect((await failure(client.chat(request))).message).toContain('not followed');
    }
    expect(other.server.received).toEqual([]);
  });

  test.each([
    ['reasoning', { reasoning: { field: 'reasoning', text: 'so 15' }, content: '15' }],
    ['reasoning_content', { reasoning: { field: 'reasoning_content', text: 'so 15' }, content: '15' }],
    ['reasoning_details', { reasoning: { field: 'reasoning_details', text: 'so 15' }, content: '15' }],
    ['typed parts of the content', { reasoning: { field: 'content parts', text: 'so 15' }, content: '15' }],
    ['<think> in the text', { content: '<think>\nso 15\n</think>\n\n15' }],
    ['a template that wrote <think> itself', { content: 'so 15\n</think>\n\n15' }],
  ] as [string, Scripted][])('parts reasoning from the answer: %s', async (_name, script) => {
    const { client, request } = await setUp(() => script);
    expect(await client.chat(request)).toMatchObject({ text: '15', reasoning: 'so 15' });
    const whole = await setUp(() => ({ ...script, ignoreStream: true }));
    expect(await whole.client.chat(whole.request)).toMatchObject({ text: '15', reasoning: 'so 15' });
  });

  test('sends the same parameters whatever their values, and nothing else that changes a reply', async () => {
    const { client, request, server } = await setUp(() => ({}));
    await client.chat({ ...request, sampling: { temperature: 0, topP: 1, maxTokens: 1 }, seed: 0 });
    const { messages: _messages, model: _model, ...rest } = server.received[0]?.body ?? {};
    expect(rest).toEqual({
      temperature: 0,
      top_p: 1,
      max_tokens: 1,
      seed: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe('a server with fewer features', () => {
  test('refuses stream_options, then streaming: the call and later calls are made without them', async () => {
    const { client, request, server } = await setUp(({ body }) => {
      if (body.stream_options) return { status: 400, error: 'unknown field stream_options' };
      if (body.stream) return { status: 422, error: 'streaming is not supported' };
      return { content: 'whole' };
    });
    expect((await client.chat(request)).text).toBe('whole');
    expect((await client.chat(request)).text).toBe('whole');
    expect(server.received.map(({ body }) => [body.stream, body.stream_options !== undefined])).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ]);
  });

  test('requires max_completion_tokens', async () => {
    const { client, request, server } = await setUp(({ body }) =>
      'max_tokens' in body
        ? { status: 400, error: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead." }
        : {},
    );
    await client.chat(request);
    expect(server.received.at(-1)?.body).toMatchObject({ max_completion_tokens: 64 });
  });

  test('answers a stream request with one object', async () => {
    const { client, request } = await setUp(() => ({ ignoreStream: true, content: 'whole' }));
    expect((await client.chat(request)).text).toBe('whole');
  });

  test('reports a final refusal, and does not change how later calls are made', async () => {
    const { client, request, server } = await setUp((_request, index) =>
      index < 2 ? { status: 400, error: 'stream of tokens too long' } : {},
    );
    expect((await failure(client.chat(request))).kind).toBe('bad-request');
    await client.chat(request);
    expect(server.received.at(-1)?.body.stream).toBe(true);
  });
});

describe('a failed call reports what happened and what to do', () => {
  test.each([
    [{ status: 401 }, 'auth', false, /Manage Models…/],
    [{ status: 403 }, 'auth', false, /LONGHAND_API_KEY/],
    [{ status: 429 }, 'rate-limit', true, /in flight/],
    [{ status: 400, error: 'context length exceeded' }, 'bad-request', false, /too long/],
    [{ status: 500 }, 'server', true, /log of the server/],
    [{ status: 503 }, 'server', true, /log of the server/],
    [{ status: 504 }, 'timeout', true, /overloaded/],
    [
      { status: 302, raw: { type: 'text/html', body: '' }, headers: { location: '/x' } },
      'bad-request',
      false,
      /final URL/,
    ],
    [{ raw: { type: 'text/html', body: '<h1>hi</h1>' } }, 'malformed', true, /OpenAI-compatible/],
    [{ raw: { type: 'application/json', body: '{"choices": 7}' } }, 'malformed', true, /OpenAI-compatible/],
    [{ raw: { type: 'application/json', body: '{"cho' } }, 'malformed', true, /OpenAI-compatible/],
    [{ raw: { type: 'text/event-stream', body: 'data: {"cho\n\n' } }, 'malformed', true, /OpenAI-compatible/],
    [{ finish: null }, 'malformed', true, /OpenAI-compatible/],
    [{ cutAfter: 0 }, 'connection', true, /still running/],
    [{ cutAfter: 1, content: 'a long reply' }, 'connection', true, /still running/],
    [{ errorAfter: 1, content: 'a long reply' }, 'server', true, /log of the server/],
  ] as [Scripted, string, boolean, RegExp][])('%o → %s', async (script, kind, retryable, advice) => {
    const { client, request } = await setUp(() => script);
    const error = await failure(client.chat(request));
    expect({ kind: error.kind, retryable: error.retryable }).toEqual({ kind, retryable });
    expect(error.advice).toMatch(advice);
  });

  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
  ] as [Record<string, string>, number][])('%o is asked for', async (headers, expected) => {
    const { client, request } = await setUp(() => ({ status: 429, headers }));
    expect((await failure(client.chat(request))).retryAfterMs).toBe(expected);
  });

  test('a retry-after date is relative to now', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const { client, request } = await setUp(() => ({ status: 503, headers: { 'retry-after': at } }));
    const wait = (await failure(client.chat(request))).retryAfterMs ?? 0;
    expect(wait).toBeGreaterThan(30_000);
    expect(wait).toBeLessThanOrEqual(60_000);
  });

  test('an unknown model: the error lists the models of the endpoint', async () => {
    const { client, request } = await setUp(() => ({ status: 404, error: 'no such model' }), {
      models: ['qwen', 'smol'],
    });
    const error = await failure(client.chat({ ...request, model: 'qwne' }));
    expect(error.kind).toBe('not-found');
    expect(error.advice).toContain('qwen, smol');
  });

  test('nothing listens: the error asks whether the server is running', async () => {
    const { client, request, server } = await setUp(() => ({}));
    await server.close();
    const error = await failure(client.chat(request));
    expect(error).toMatchObject({ kind: 'connection', retryable: true });
    expect(error.message).toContain(server.baseURL);
    expect(error.advice).toContain('Is the server running?');
  });

  test('https to a server that speaks plain http: the error names it, and there is no retry', async () => {
    const { server } = await setUp(() => ({}));
    const baseURL = server.baseURL.replace('http:', 'https:');
    const client = new ModelClient({ baseURL, host: server.host, idleTimeoutMs: 5_000 });
    const error = await failure(client.chat(ask(server.host)));
    expect(error).toMatchObject({ kind: 'connection', retryable: false });
    expect(error.advice).toContain('http://');
  });

  const BASE64 = Buffer.from(`user:${SECRET}`).toString('base64');
  const PERCENT = [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('');
  test.each([
    ['as it is', SECRET, SECRET],
    ['in Base64', BASE64, BASE64.slice(8, -4)],
    ['percent-encoded', PERCENT, PERCENT],
    ['in hex', Buffer.from(SECRET).toString('hex'), Buffer.from(SECRET).toString('hex')],
    ['across the end of what is shown', 'x'.repeat(480) + SECRET, SECRET.slice(0, 10)],
  ])('the key is in no error, even when the server repeats it %s', async (_how, quoted, secret) => {
    for (const status of [400, 401, 404, 429, 500]) {
      const script = { apiKey: SECRET, models: [`known ${quoted}`] };
      const { client, request } = await setUp(() => ({ status, error: `bad key ${quoted}!` }), script);
      const error = await failure(client.chat(request));
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
    }
  });
});

describe('the idle timeout', () => {
  test('limits silence: a slow reply that continues is not interrupted', async () => {
    const content = 'x'.repeat(4 * 12);
    const { client, request } = await setUp(() => ({ content, chunkMs: 100 }), { idleTimeoutMs: 800 });
    expect((await client.chat(request)).text).toBe(content);
  });

  test('is the only limit: the connection’s own, of 5 s, ends no call', async () => {
    const { client, request } = await setUp(() => ({ content: 'x', latencyMs: 6_500 }), { idleTimeoutMs: 60_000 });
    // The second one is sent on a kept-open connection.
    for (const _time of [1, 2]) expect((await client.chat(request)).text).toBe('x');
  });

  test.each([
    ['before the first byte', { latencyMs: 3_000 }],
    ['in the middle', { hangAfter: 2, content: 'a long reply' }],
  ] as [string, Scripted][])('ends a silent call %s', async (_name, script) => {
    const { client, request } = await setUp(() => script, { idleTimeoutMs: 200 });
    const error = await failure(client.chat(request));
    expect(error).toMatchObject({ kind: 'timeout', retryable: true });
  });
});

describe('cancelling', () => {
  test.each([
    ['before the call', undefined],
    ['while waiting', { latencyMs: 3_000 }],
    ['in the middle of a stream', { hangAfter: 2, content: 'a long reply' }],
  ] as [string, Scripted | undefined][])('%s', async (_name, script) => {
    const { client, request, server } = await setUp(() => script ?? {});
    const controller = new AbortController();
    if (script === undefined) controller.abort();
    else setTimeout(() => controller.abort(), 100);
    const error = await failure(client.chat(request, controller.signal));
    expect(error).toMatchObject({ kind: 'cancelled', retryable: false });
    if (script === undefined) expect(server.received).toHaveLength(0);
  });
});

describe('a test of an endpoint', () => {
  test('lists its models', async () => {
    const { client } = await setUp(() => ({}), { models: ['b', 'a'] });
    expect(await client.listModels()).toEqual(['b', 'a']);
  });

  test('reports the results of a test call', async () => {
    const { client } = await setUp(({ body }) => ({
      content: `words of ${String(body.seed)}`,
      reasoning: { field: 'reasoning_content', text: 'hm' },
    }));
    expect(await client.check('scripted')).toMatchObject({
      model: 'scripted',
      sample: 'words of 7',
      seed: 'honoured',
      usageReported: true,
      streamed: true,
      reasoningFrom: 'reasoning_content',
    });
  });

  test('reports a seed that is ignored, and one whose effect is unknown', async () => {
    const ignoring = await setUp((_request, index) => ({ content: `words ${index}`, usage: null }));
    expect(await ignoring.client.check('scripted')).toMatchObject({ seed: 'ignored', usageReported: false });
    const constant = await setUp(() => ({ content: 'always' }));
    expect(await constant.client.check('scripted')).toMatchObject({ seed: 'unknown' });
  });
});
