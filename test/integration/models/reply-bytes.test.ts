import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ModelClient } from '../../../src/models/client.ts';
import { listen } from '../../fixtures/listen.ts';
import { callOf } from '../../fixtures/scripted-dataset.ts';

// A SCRIPTED server, without a model, that writes bytes that no real server can be made to write.

async function clientOf(
  write: (response: ServerResponse, index: number) => Promise<void>,
  options: { idleTimeoutMs?: number; maxReplyBytes?: number; apiKey?: string } = {},
) {
  let requests = 0;
  const address = await listen((request, response) => {
    request.resume();
    request.on('end', () => void write(response, requests++));
  });
  const client = new ModelClient({ baseURL: `${address}/v1`, host: 'scripted', idleTimeoutMs: 20_000, ...options });
  return { client, requests: () => requests };
}

const REQUEST = callOf(1);

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const text = (content: string): string => event({ choices: [{ index: 0, delta: { content } }] });
const end = (index = 0): string => event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });

describe('any byte resets the idle timeout', () => {
  // The idle timeout is 2 s, and bytes come every 150 ms for longer than that: a slow machine has room.
  test('of a JSON body', async () => {
    const { client, requests } = await clientOf(
      async (response) => {
        const body = JSON.stringify({ choices: [{ message: { content: 'so'.repeat(8) }, finish_reason: 'stop' }] });
        response.writeHead(200, { 'content-type': 'application/json' });
        for (let i = 0; i < body.length; i += 4) {
          response.write(body.slice(i, i + 4));
          await sleep(150);
        }
        response.end();
      },
      { idleTimeoutMs: 2_000 },
    );
    expect((await client.chat(REQUEST)).text).toBe('so'.repeat(8));
    expect(requests()).toBe(1);
  });

  test('of a stream that sends only comments for a while', async () => {
    const { client } = await clientOf(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let i = 0; i < 20; i++) {
          response.write(': keep-alive\n');
          await sleep(150);
        }
        response.end(`\n${text('ok')}${end()}data: [DONE]\n\n`);
      },
      { idleTimeoutMs: 2_000 },
    );
    expect((await client.chat(REQUEST)).text).toBe('ok');
  });
});

describe('a complete reply counts, whatever the connection does after it', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['it ends without [DONE]', (response) => response.end()],
    ['it is reset', (response) => response.socket?.resetAndDestroy()],
    ['it stays silent', () => undefined],
    ['an error follows', (response) => response.end(event({ error: { message: 'broken' } }))],
    ['garbage follows', (response) => response.end('data: {"choices": [\n\n')],
  ])('%s', async (_, after) => {
    const { client, requests } = await clientOf(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(text('the answer') + end());
        await sleep(50);
        after(response);
      },
      { idleTimeoutMs: 2_000 },
    );
    expect(await client.chat(REQUEST)).toMatchObject({ text: 'the answer', finish: 'stop' });
    expect(requests()).toBe(1);
  });

  test('also when comments keep the connection open without end', async () => {
    const { client, requests } = await clientOf(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(text('the answer') + end());
        while (!response.destroyed) {
          response.write(': wait\n\n');
          await sleep(100);
        }
      },
      { idleTimeoutMs: 500 },
    );
    expect(await client.chat(REQUEST)).toMatchObject({ text: 'the answer', finish: 'stop' });
    expect(requests()).toBe(1);
  });

  test('with a short finish_reason: a server could fill each chain with it', async () => {
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(text('so') + event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop'.repeat(1000) }] }));
    });
    expect((await client.chat(REQUEST)).finish).toHaveLength(100);
  });

  test('of several choices, complete ones are kept, and the server still counts as one that returns several', async () => {
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text('first') + end(0) + event({ choices: [{ index: 1, delta: { content: 'sec' } }] }));
      await sleep(50);
      response.socket?.resetAndDestroy();
    });
    const { replies } = await client.chatMany(REQUEST, 2);
    expect(replies.map(({ choice, reply }) => [choice, reply.text])).toEqual([[0, 'first']]);
    expect(client.mostChoices).toBeGreaterThan(1);
  });

  test('an incomplete reply does not', async () => {
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text('the ans'));
      await sleep(50);
      response.socket?.resetAndDestroy();
    });
    await expect(client.chat(REQUEST)).rejects.toMatchObject({ kind: 'connection' });
  });
});

describe('a reply larger than the limit', () => {
  test.each([
    ['as JSON', 200, 'application/json'],
    ['as a stream, in one line', 200, 'text/event-stream'],
    ['with an error status', 500, 'application/json'],
  ])('is an error that names the setting: %s', async (_, status, type) => {
    let sent = 0;
    const { client, requests } = await clientOf(
      async (response) => {
        response.writeHead(status, { 'content-type': type });
        response.write('data: "');
        while (!response.destroyed && sent < 64e6) {
          sent += 1e5;
          if (!response.write('x'.repeat(1e5))) await sleep(2);
        }
      },
      { maxReplyBytes: 1e6 },
    );
    await expect(client.chat(REQUEST)).rejects.toMatchObject({
      message: 'The reply is larger than 1 MB.',
      advice: expect.stringContaining('calls.maxReplyMB'),
      retryable: false,
    });
    expect(requests()).toBe(1);
    // The rest is not read: only what the socket buffers contain.
    expect(sent).toBeLessThan(32e6);
  });
});

describe('events', () => {
  test('are the same however the bytes are split', async () => {
    const stream = `${text('zwei √ß 🎲')}: comment\n${text(' more')}id: 3\n${end()}`.replaceAll('\n', '\r\n');
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of Buffer.from(stream)) {
        response.write(Buffer.of(byte));
        await sleep(1);
      }
      response.end();
    });
    expect(await client.chat(REQUEST)).toMatchObject({ text: 'zwei √ß 🎲 more', finish: 'stop' });
  });

  test.each(['data:\n\n', 'data: \n\n', 'event: ping\n\n'])('without data, %j, are ignored', async (empty) => {
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(empty + text('so') + empty + end() + empty);
    });
    const { broken, replies } = await client.exchange(REQUEST);
    expect({ broken, text: replies[0]?.reply.text }).toEqual({ broken: undefined, text: 'so' });
  });

  // Searched again with each chunk, this line would take minutes.
  test('of one long line in many chunks are searched once', { timeout: 30_000 }, async () => {
    const content = 'x'.repeat(15e6);
    const { client } = await clientOf(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const line = text(content);
      for (let at = 0; at < line.length; at += 1_000) {
        if (!response.write(line.slice(at, at + 1_000))) await once(response, 'drain');
      }
      response.end(end());
    });
    expect((await client.chat(REQUEST)).text).toHaveLength(content.length);
  });
});

describe('connections', () => {
  /** Counts the connections of this many sequential calls. */
  async function connectionsOf(calls: number, after: (response: ServerResponse) => void): Promise<number> {
    const sockets = new Set<unknown>();
    const { client } = await clientOf(async (response) => {
      sockets.add(response.socket);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${text('ok')}${end()}data: [DONE]\n\n`);
      await sleep(20);
      after(response);
    });
    for (let i = 0; i < calls; i++) {
      await client.chat(REQUEST);
      await sleep(50);
    }
    return sockets.size;
  }

  test('are kept for the next call where the server ends the reply after [DONE]', async () => {
    expect(await connectionsOf(4, (response) => response.end())).toBe(1);
  });

  test('are closed soon where it does not', async () => {
    let closed = 0;
    await connectionsOf(1, (response) => response.on('close', () => closed++));
    await vi.waitFor(() => expect(closed).toBe(1), 5_000);
  });

  test('are closed where the reply is invalid', async () => {
    let closed = 0;
    const { client } = await clientOf(async (response) => {
      response.on('close', () => closed++).writeHead(200, { 'content-type': 'text/html' });
      response.write('<h1>');
    });
    await expect(client.chat(REQUEST)).rejects.toMatchObject({ kind: 'malformed' });
    await vi.waitFor(() => expect(closed).toBe(1), 5_000);
  });
});

test('the list of models has the size limit of a reply too', async () => {
  const { client } = await clientOf(
    async (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: [{ id: 'x'.repeat(20_000) }] }));
    },
    { maxReplyBytes: 10_000 },
  );
  await expect(client.listModels()).rejects.toMatchObject({ message: 'The reply is larger than 0.01 MB.' });
});

test('a key that a server quotes in a stream is not in the parts that are shown', async () => {
  const apiKey = 'sk-0123456789abcdef';
  const { client } = await clientOf(
    async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of ['The key is ', 'sk-01234567', '89abcdef', ', is it?']) response.write(text(part));
      response.end(end());
    },
    { apiKey },
  );
  let shown = '';
  await client.chatMany(REQUEST, 1, undefined, (part) => {
    shown += part.text;
  });
  expect(shown).toBe('The key is …, is it?');
});
