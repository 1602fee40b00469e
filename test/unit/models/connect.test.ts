import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ModelRef } from '../../../src/core/model/index.ts';
import { connect, hostOf } from '../../../src/models/connect.ts';
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
  async function authorization(apiKey?: string) {
    server = await startScriptedServer(() => ({}));
    const ref: ModelRef = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' };
    const client = await connect(ref, { apiKey, idleTimeoutMs: 5_000, distFolder: '' });
    await client.chat({
      host: client.host,
      model: 'scripted',
      messages: [{ role: 'user', content: 'hi' }],
      sampling: { temperature: 1, topP: 1, maxTokens: 8 },
      seed: 1,
    });
    return server.received[0]?.headers.authorization;
  }

  test("is the caller's, else LONGHAND_API_KEY", async () => {
    vi.stubEnv('LONGHAND_API_KEY', 'from-environment');
    expect(await authorization('from-caller')).toBe('Bearer from-caller');
    await server?.close();
    expect(await authorization()).toBe('Bearer from-environment');
  });

  test('is never OPENAI_API_KEY on another host', async () => {
    vi.stubEnv('LONGHAND_API_KEY', undefined);
    vi.stubEnv('OPENAI_API_KEY', 'for-openai-alone');
    expect(await authorization()).toBeUndefined();
  });
});
