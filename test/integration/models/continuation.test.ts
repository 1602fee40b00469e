// How a client continues a given text. With SCRIPTED servers that make token ids as vLLM and llama.cpp do; the starter model is in starter.test.ts.
import { describe, expect, test } from 'vitest';
import type { CallRequest, ChatMessage } from '../../../src/core/schemas/index.ts';
import { ModelClient } from '../../../src/models/client.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';

/** One id for each character, and one for a whole tag. */
const idsOf = (text: string): number[] =>
  [...text.matchAll(/<\/?think>|[\s\S]/g)].map(([part]) => (part.length > 1 ? 1e6 + part.length : part.charCodeAt(0)));

interface Template {
  /** What a prompt ends with. */
  opens?: string;
  /** A template that writes the last message of the assistant otherwise than it is. */
  last?: (content: string) => string;
}

const json = (value: unknown): Scripted => ({ raw: { type: 'application/json', body: JSON.stringify(value) } });
const absent: Scripted = { status: 404, error: 'Not Found' };

function rendered(messages: ChatMessage[], { opens = '', last = (content) => content }: Template, continues: boolean) {
  const turns = (continues ? messages.slice(0, -1) : messages).map(({ role, content }) => `[${role}]${content}\n`);
  return `${turns.join('')}[assistant]${continues ? last(messages.at(-1)?.content ?? '') : opens}`;
}

/** Answers as vLLM's /tokenize. */
function vllm(template: Template, reply: Scripted) {
  return ({ path, body }: Received): Scripted => {
    if (path !== '/tokenize') return path.startsWith('/v1/') ? reply : absent;
    if (typeof body.prompt === 'string') return json({ tokens: idsOf(body.prompt) });
    const continues = body.continue_final_message === true;
    return json({ tokens: idsOf(rendered(body.messages as ChatMessage[], template, continues)) });
  };
}

/** Answers as llama.cpp's server: /tokenize takes `content` and makes nothing of a chat. */
function llama(template: Template, reply: Scripted) {
  return ({ path, body }: Received): Scripted => {
    if (path === '/apply-template') return json({ prompt: rendered(body.messages as ChatMessage[], template, false) });
    if (path === '/tokenize') return json({ tokens: typeof body.content === 'string' ? idsOf(body.content) : [] });
    return reply;
  };
}

const completion = (text: string): Scripted =>
  json({ choices: [{ index: 0, text, finish_reason: 'stop' }], usage: { prompt_tokens: 9, completion_tokens: 3 } });

async function setUp(respond: (request: Received) => Scripted, prefix: string) {
  const server = await serve(respond);
  const client = new ModelClient({ baseURL: server.baseURL, host: server.host, idleTimeoutMs: 5_000 });
  const request: CallRequest = {
    host: server.host,
    model: 'scripted',
    messages: [{ role: 'user', content: 'What is 7 + 8?' }],
    prefix,
    sampling: { temperature: 0.7, topP: 0.95, maxTokens: 64 },
    seed: 42,
  };
  const calls = () => server.received.filter(({ path }) => path.startsWith('/v1/'));
  return { client, request, calls };
}

describe('a reply that continues a text', () => {
  test('continues the last message of a chat, when the server’s ids show nothing between', async () => {
    const { client, request, calls } = await setUp(vllm({}, { content: ' 15, as' }), '7 + 8 is');
    expect(await client.checkOfPrefix(request)).toBe('ids');
    expect(calls()).toEqual([]);
    const reply = await client.chat(request);
    expect(reply.text).toBe(' 15, as');
    expect(calls()).toMatchObject([
      {
        path: '/v1/chat/completions',
        body: {
          messages: [...request.messages, { role: 'assistant', content: '7 + 8 is' }],
          continue_final_message: true,
          add_generation_prompt: false,
          seed: 42,
          temperature: 0.7,
        },
      },
    ]);
  });

  test('goes to /completions as ids, when the template changes the text', async () => {
    const changed: Template = { opens: '<think>\n', last: (content) => `<think>\n\n</think>${content}` };
    const { client, request, calls } = await setUp(vllm(changed, completion(' so</think>\n15')), '<think>\nLet me');
    const reply = await client.chat(request);
    expect(reply).toMatchObject({ text: ' so</think>\n15', finish: 'stop', usage: { completion: 3 } });
    // The prompt opens the thought, so that the text is not opened twice.
    const prompt = idsOf(`${rendered(request.messages, changed, false)}Let me`);
    expect(calls()).toMatchObject([{ path: '/v1/completions', body: { prompt, seed: 42 } }]);
  });

  test('keeps the opening of a thought that the prompt does not have', async () => {
    const strips: Template = { last: (content) => content.replace('<think>\n', '') };
    const { client, request, calls } = await setUp(vllm(strips, completion(' so')), '<think>\nLet me');
    await client.chat(request);
    const prompt = idsOf(`${rendered(request.messages, strips, false)}<think>\nLet me`);
    expect(calls()[0]?.body.prompt).toEqual(prompt);
  });

  test('goes to /completions of a server of llama.cpp, with the template rendered there', async () => {
    const { client, request, calls } = await setUp(llama({ opens: '<think>\n' }, completion('b')), '<think>\na');
    expect((await client.chat(request)).text).toBe('b');
    const prompt = idsOf(`${rendered(request.messages, { opens: '<think>\n' }, false)}a`);
    expect(calls()).toMatchObject([{ path: '/v1/completions', body: { prompt } }]);
  });

  test('asks a server without ids for the end of a word first, once', async () => {
    const continues = ({ path, body }: Received): Scripted => {
      if (!path.startsWith('/v1/')) return absent;
      const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
      return { content: last.endsWith('fift') ? 'een, sixteen' : ' 15' };
    };
    const { client, request, calls } = await setUp(continues, '7 + 8 is');
    await Promise.all([client.chat(request), client.chat({ ...request, seed: 43 })]);
    await client.chat({ ...request, prefix: 'Another text' });
    expect(calls().map(({ body }) => body.max_tokens)).toEqual([4, 64, 64, 64]);
  });

  test.each([
    ['begins a new answer', { content: 'Sure! Fifteen' }, /begins a new answer/],
    ['refuses', { status: 400, error: 'The last message must be from the user.' }, /must be from the user/],
  ])('is not paid for where the server %s', async (_how, answer, message) => {
    const { client, request, calls } = await setUp(
      ({ path }) => (path.startsWith('/v1/') ? answer : absent),
      '7 + 8 is',
    );
    await expect(client.chat(request)).rejects.toMatchObject({
      kind: 'bad-request',
      message: expect.stringMatching(message),
    });
    expect(calls().every(({ body }) => body.max_tokens === 4)).toBe(true);
  });

  test('is asked for the end of a word by a server that makes ids of a chat only', async () => {
    const server = vllm({}, { content: 'Sure! Fifteen' });
    const { client, request, calls } = await setUp(
      (received) =>
        received.path === '/tokenize' && 'prompt' in received.body ? { status: 400, error: 'no' } : server(received),
      '7 + 8 is',
    );
    await expect(client.chat(request)).rejects.toMatchObject({ kind: 'bad-request' });
    expect(calls().map(({ body }) => body.max_tokens)).toEqual([4]);
  });

  test('is refused for a thought that a server without ids may open twice, before anything is paid', async () => {
    // As SGLang: /tokenize takes `prompt` only, and the chat appends the last message to what the template opens.
    const { client, request, calls } = await setUp(({ path, body }) => {
      if (path !== '/tokenize') return path.startsWith('/v1/') ? { content: 'een' } : absent;
      return typeof body.prompt === 'string' ? json({ tokens: idsOf(body.prompt) }) : { status: 400, error: 'no' };
    }, '<think>\nLet me');
    await expect(client.chat(request)).rejects.toMatchObject({ kind: 'bad-request' });
    await expect(client.checkOfPrefix(request)).rejects.toMatchObject({ kind: 'bad-request' });
    expect(calls()).toEqual([]);
    expect(await client.checkOfPrefix({ ...request, prefix: '7 + 8 is' })).toBe('reply');
    expect((await client.chat({ ...request, prefix: '7 + 8 is' })).text).toBe('een');
  });

  test('is not declared impossible because the server is lost', async () => {
    const { client, request } = await setUp(() => ({ cutAfter: 0 }), '7 + 8 is');
    await expect(client.chat(request)).rejects.toMatchObject({ kind: 'connection' });
  });
});
