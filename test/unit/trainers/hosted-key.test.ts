import { expect, test } from 'vitest';
import { z } from 'zod';
import { RayHttp } from '../../../src/engines/ray/http.ts';
import { SlurmRest } from '../../../src/engines/slurm/rest.ts';
import { Api } from '../../../src/trainers/hosted/http.ts';
import { listen } from '../../fixtures/listen.ts';

// The server is SCRIPTED: it quotes the key that it was sent, in Base64.

const KEY = 'sk-very-secret-0123456789';
const QUOTED = Buffer.from(`user:${KEY}`).toString('base64');
const SECRET = QUOTED.slice(8, -4);
const NEVER = new AbortController().signal;

const quoting = (status: number, body: unknown): Promise<string> =>
  listen((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => JSON.stringify(value),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

test.each([400, 401, 429, 500])('an error %i of a fine-tuning host does not quote the key', async (status) => {
  const api = new Api({
    baseURL: await quoting(status, { error: { message: `bad key ${QUOTED}` } }),
    key: KEY,
    signal: NEVER,
  });
  const message = await failure(api.get('/x', z.unknown()));
  expect(message).toContain('bad key');
  expect(message).not.toContain(SECRET);
});

test('a message of a fine-tuning job does not quote the key', async () => {
  const api = new Api({ baseURL: await quoting(200, { message: `job of ${QUOTED}` }), key: KEY, signal: NEVER });
  const { message } = await api.get('/x', z.object({ message: z.string() }));
  expect(message).toContain('job of');
  expect(message).not.toContain(SECRET);
});

test('an error of slurmrestd does not quote the token', async () => {
  const address = await quoting(400, { errors: [{ error: `bad token ${QUOTED}`, error_number: 1 }] });
  const env = { SLURM_JWT: KEY, LONGHAND_SLURM_HOST: new URL(address).host };
  const message = await failure(new SlurmRest(address, env).jobs(['x'], NEVER));
  expect(message).not.toContain(SECRET);
});

test('an error of a Ray dashboard does not quote the token', async () => {
  const message = await failure(
    new RayHttp(await quoting(500, `bad token ${QUOTED}`), KEY).read('/x', z.unknown(), NEVER),
  );
  expect(message).toContain('bad token');
  expect(message).not.toContain(SECRET);
});
