import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/models/errors.ts';
import { ModelLine } from '../../../src/runner/line.ts';
import { startScriptedServer } from '../../fixtures/server.ts';

const request = {
  host: 'scripted',
  model: 'scripted',
  messages: [{ role: 'user' as const, content: 'What is 7 + 8?' }],
  sampling: { temperature: 1, topP: 1, maxTokens: 16 },
  seed: 1,
};

describe('the line to a model', () => {
  it('tries again what may succeed later, and tells of it', async () => {
    const server = await startScriptedServer((_, index) =>
      index < 2 ? { status: 503, error: 'busy', headers: { 'retry-after-ms': '1' } } : { content: '15' },
    );
    const retries: string[] = [];
    const signal = new AbortController().signal;
    const line = await ModelLine.open(
      { kind: 'openai', baseURL: server.baseURL, model: 'scripted' },
      { idleTimeoutMs: 5000, distFolder: 'dist', signal, onRetry: (message) => retries.push(message) },
    );
    expect((await line.chat(request, signal)).text).toBe('15');
    expect(retries).toHaveLength(2);
    await server.close();
  });

  it('gives up at once where another try would not help', async () => {
    const server = await startScriptedServer(() => ({ status: 401, error: 'no' }));
    const signal = new AbortController().signal;
    const line = await ModelLine.open(
      { kind: 'openai', baseURL: server.baseURL, model: 'scripted' },
      { idleTimeoutMs: 5000, distFolder: 'dist', signal, onRetry: () => undefined },
    );
    await expect(line.chat(request, signal)).rejects.toThrow(ModelError);
    expect(server.received).toHaveLength(1);
    await server.close();
  });
});
