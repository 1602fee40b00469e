import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { fetchReply } from '../../../src/models/fetch.ts';
import { listen } from '../../fixtures/listen.ts';

/** As llama.cpp's server does after each streamed reply: it announces keep-alive and closes the connection. */
describe('a connection that the server closes', () => {
  /** Answers the first request of each connection, but none of the first `deaf`; counts all. */
  async function closing(deaf = 0) {
    const seen = new Set<Socket>();
    const counts = { requests: 0 };
    const url = await listen((request, response) => {
      counts.requests++;
      const { socket } = request;
      if (seen.has(socket) || counts.requests <= deaf) return void socket.destroy();
      seen.add(socket);
      response.end('well');
    });
    const ask = async () => (await fetchReply(url, { method: 'POST', body: '{}' })).text();
    return { ask, counts };
  }

  test('between two requests: the second request is sent again on a new connection', async () => {
    const { ask, counts } = await closing();
    expect([await ask(), await ask(), await ask()]).toEqual(['well', 'well', 'well']);
    // A new connection is not kept: of three requests only the second met a closed one.
    expect(counts.requests).toBeLessThanOrEqual(5);
  });

  test('before its first reply: the request is not sent again', async () => {
    const { ask, counts } = await closing(1);
    await expect(ask()).rejects.toThrow('socket hang up');
    expect(counts.requests).toBe(1);
  });
});
