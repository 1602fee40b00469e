import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import type { ModelRef } from '../../../src/core/schemas/index.ts';
import { hostOf } from '../../../src/core/schemas/index.ts';
import { connect } from '../../../src/models/connect.ts';
import { keyBoundTo, keyFromEnvironment, keyHosts } from '../../../src/models/environment-key.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { ScriptedServer } from '../../fixtures/server.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { run } from '../../unit/verbs/run.ts';

let server: ScriptedServer | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server = undefined;
});

test.each([
  [{ kind: 'openai', baseURL: 'http://127.0.0.1:8000/v1', model: 'm' }, '127.0.0.1:8000'],
  [{ kind: 'openai', baseURL: 'https://api.openai.com/v1', model: 'm' }, 'api.openai.com'],
  [{ kind: 'starter', model: 'smollm2-135m-instruct' }, 'starter'],
] as [ModelRef, string][])('the host of %o', (ref, host) => {
  expect(hostOf(ref)).toBe(host);
});

describe('the key of an endpoint', () => {
  async function authorization(cache?: string) {
    server ??= await serve(() => ({}));
    const ref: ModelRef = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' };
    const client = await connect(ref, { idleTimeoutMs: 5_000, distFolder: '', cache });
    await client.chat({
      host: client.host,
      model: 'scripted',
      messages: [{ role: 'user', content: 'hi' }],
      sampling: { temperature: 1, topP: 1, maxTokens: 8 },
      seed: 1,
    });
    return server.received[0]?.headers.authorization;
  }

  test('in LONGHAND_API_KEY is not sent to a host that was not confirmed, not even on this machine', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'from-environment');
    expect(await authorization(await temporaryFolder())).toBeUndefined();
  });

  test('is sent to a host from its confirmation until its removal', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'from-environment');
    const cache = await temporaryFolder();
    const env = { LONGHAND_CACHE: cache };
    server = await serve(() => ({}));
    const { host } = new URL(server.baseURL);
    const authorized = async (): Promise<unknown> => {
      await authorization(cache);
      return server?.received.at(-1)?.headers.authorization;
    };
    expect(await run('key-hosts', { add: 'other.example' }, { env })).toEqual({ hosts: ['other.example'] });
    expect(await authorized()).toBeUndefined();
    expect(await run('key-hosts', { add: server.baseURL }, { env })).toEqual({ hosts: [host, 'other.example'] });
    expect(await authorized()).toBe('Bearer from-environment');
    vi.stubEnv('LONGHAND_API_HOST', 'other.example');
    expect(await authorized()).toBeUndefined();
    vi.stubEnv('LONGHAND_API_HOST', undefined);
    expect(await run('key-hosts', { remove: host }, { env })).toEqual({ hosts: ['other.example'] });
    expect(await authorized()).toBeUndefined();
  });

  test('that is not sent is named by the error of a server that requires one, with the way to send it', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'from-environment');
    server = await serve(() => ({ status: 401 }));
    const { host } = new URL(server.baseURL);
    await expect(authorization(await temporaryFolder())).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('requires a key'),
      advice: expect.stringMatching(
        new RegExp(`not sent to ${host}.*not confirmed.*key-hosts --add ${host}.*LONGHAND_API_HOST=${host}`),
      ),
    });
    expect(server.received[0]?.headers.authorization).toBeUndefined();
  });

  test.each([
    ['not JSON', '{'],
    ['not a list', '{"hosts":["127.0.0.1"]}'],
    ['a list of invalid entries', '[1,null,{"host":"a"}]'],
  ])('is sent nowhere when the file of hosts is %s', async (_what, content) => {
    const cache = await temporaryFolder();
    await writeFile(join(cache, 'key-hosts.json'), content);
    expect(await keyHosts(cache)).toEqual([]);
  });

  test('is sent only to the host that LONGHAND_API_HOST names', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'for-one-host');
    vi.stubEnv('LONGHAND_API_HOST', 'models.example.org');
    expect(await authorization()).toBeUndefined();
  });

  const REMOTE = 'http://models.example.org:8000/v1';
  test.each([
    ['https://models.example.org/v1', undefined, undefined],
    ['http://127.0.0.1:8000/v1', undefined, undefined],
    ['http://127.0.0.1:8000/v1', '127.0.0.1:8000', 'k'],
    ['http://127.0.0.1:9999/v1', '127.0.0.1:8000', undefined],
    ['http://[::1]:8000/v1', '[::1]:8000', 'k'],
    // In plain text only where the host is named with its scheme.
    [REMOTE, undefined, undefined],
    [REMOTE, 'models.example.org:8000', undefined],
    [REMOTE, 'http://models.example.org:8000', 'k'],
    ['https://models.example.org/v1', 'models.example.org', 'k'],
    ['https://models.example.org/v1', ' https://Models.Example.org/v1 ', 'k'],
    ['https://models.example.org/v1', 'http://models.example.org', undefined],
    ['https://models.example.org:444/v1', 'models.example.org', undefined],
    ['https://models.example.org.evil.example/v1', 'models.example.org', undefined],
    ['https://models.example.org/v1', 'not a host', undefined],
  ])('for %s, with LONGHAND_API_HOST %s: %s', async (baseURL, host, key) => {
    const env = { LONGHAND_API_KEY: 'k', ...defined({ LONGHAND_API_HOST: host }) };
    expect(await keyFromEnvironment(baseURL, env, await temporaryFolder())).toBe(key);
  });

  test.each([
    ['https://api.together.ai/v1', { TOGETHER_API_KEY: 'own' }, 'own'],
    ['https://api.fireworks.ai', { FIREWORKS_API_KEY: 'own' }, 'own'],
    ['http://api.together.ai/v1', { TOGETHER_API_KEY: 'own' }, undefined],
    ['https://api.together.ai.example/v1', { TOGETHER_API_KEY: 'own' }, undefined],
    ['https://api.fireworks.ai', { TOGETHER_API_KEY: 'other', OPENAI_API_KEY: 'other' }, undefined],
    ['https://host.example/v1', { LONGHAND_API_KEY: 'any' }, undefined],
    ['https://host.example/v1', { LONGHAND_API_KEY: 'named', LONGHAND_API_HOST: 'host.example' }, 'named'],
    ['https://host.example/v1', { LONGHAND_API_KEY: 'named', LONGHAND_API_HOST: 'other.example' }, undefined],
  ])('bound to the host, for %s with %o: %s', (baseURL, env, key) => {
    expect(keyBoundTo(baseURL, env)).toBe(key);
  });

  test('is never OPENAI_API_KEY on another host', async () => {
    vi.stubEnv('LONGHAND_API_KEY', undefined);
    vi.stubEnv('OPENAI_API_KEY', 'for-openai-alone');
    expect(await authorization()).toBeUndefined();
  });
});
