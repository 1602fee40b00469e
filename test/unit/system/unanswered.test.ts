import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { RayHttp } from '../../../src/engines/ray/http.ts';
import { ModelClient } from '../../../src/models/client.ts';
import { Api } from '../../../src/trainers/hosted/http.ts';

// A SCRIPTED server that answers every request by switching to another protocol.
let server: Server;
let url: string;
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const { signal } = new AbortController();

describe('a request that ends without an answer is an error', () => {
  test('of a model server', async () => {
    const client = new ModelClient({ baseURL: `${url}/v1`, host: 'scripted', idleTimeoutMs: 5_000 });
    const request = {
      host: 'scripted',
      model: 'scripted',
      messages: [{ role: 'user' as const, content: 'What is 7 + 8?' }],
      sampling: { temperature: 1, topP: 1, maxTokens: 64 },
      seed: 1,
    };
    await expect(client.chat(request)).rejects.toMatchObject({ kind: 'connection' });
  });

  test('of a fine-tuning host', async () => {
    const api = new Api({ baseURL: url, key: undefined, signal });
    await expect(api.get('/files', z.unknown())).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('of Ray', async () => {
    await expect(new RayHttp(url, undefined).ask('/api/version', signal)).rejects.toMatchObject({
      kind: 'unreachable',
    });
  });
});
