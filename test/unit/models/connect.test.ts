import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ModelRef } from '../../../src/core/model/index.ts';
import { hostOf } from '../../../src/core/model/index.ts';
import { connect } from '../../../src/models/connect.ts';
import { keyBoundTo, keyFromEnvironment } from '../../../src/models/environment-key.ts';
import { type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

test.each([
  [{ kind: 'openai', baseURL: 'http://127.0.0.1:8000/v1', model: 'm' }, '127.0.0.1:8000'],
  [{ kind: 'openai', baseURL: 'https://api.openai.com/v1', model: 'm' }, 'api.openai.com'],
  [{ kind: 'starter', model: 'smollm2-135m-instruct' }, 'starter'],
] as [ModelRef, string][])('the host of %o', (ref, host) => {
  expect(hostOf(ref)).toBe(host);
});

describe('the key of an endpoint', () => {
  async function authorization() {
    server = await startScriptedServer(() => ({}));
    const ref: ModelRef = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' };
    const client = await connect(ref, { idleTimeoutMs: 5_000, distFolder: '' });
    await client.chat({
      host: client.host,
      model: 'scripted',
      messages: [{ role: 'user', content: 'hi' }],
      sampling: { temperature: 1, topP: 1, maxTokens: 8 },
      seed: 1,
    });
    return server.received[0]?.headers.authorization;
  }

  test('is LONGHAND_API_KEY', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'from-environment');
    expect(await authorization()).toBe('Bearer from-environment');
  });

  test('goes nowhere but to the host that LONGHAND_API_HOST names', async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'for-one-host');
    vi.stubEnv('LONGHAND_API_HOST', 'models.example.org');
    expect(await authorization()).toBeUndefined();
  });

  const REMOTE = 'http://models.example.org:8000/v1';
  test.each([
    ['https://models.example.org/v1', undefined, 'k'],
    ['http://127.0.0.1:8000/v1', undefined, 'k'],
    ['http://[::1]:8000/v1', undefined, 'k'],
    // In the clear only where the host is named with its scheme.
    [REMOTE, undefined, undefined],
    [REMOTE, 'models.example.org:8000', undefined],
    [REMOTE, 'http://models.example.org:8000', 'k'],
    ['https://models.example.org/v1', 'models.example.org', 'k'],
    ['https://models.example.org/v1', ' https://Models.Example.org/v1 ', 'k'],
    ['https://models.example.org/v1', 'http://models.example.org', undefined],
    ['https://models.example.org:444/v1', 'models.example.org', undefined],
    ['https://models.example.org.evil.example/v1', 'models.example.org', undefined],
    ['https://models.example.org/v1', 'not a host', undefined],
  ])('for %s, with LONGHAND_API_HOST %s: %s', (baseURL, host, key) => {
    const env = { LONGHAND_API_KEY: 'k', ...(host === undefined ? {} : { LONGHAND_API_HOST: host }) };
    expect(keyFromEnvironment(baseURL, env)).toBe(key);
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
  ])('for what is paid by the job, at %s with %o, is one that names the host: %s', (baseURL, env, key) => {
    expect(keyBoundTo(baseURL, env)).toBe(key);
  });

  test('is never OPENAI_API_KEY on another host', async () => {
    vi.stubEnv('LONGHAND_API_KEY', undefined);
    vi.stubEnv('OPENAI_API_KEY', 'for-openai-alone');
    expect(await authorization()).toBeUndefined();
  });
});
