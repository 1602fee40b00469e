import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contextOfEntry, parseContextLength } from '../../../src/models/endpoint-check.ts';
import { checkOf, writeCheck } from '../../../src/store/index.ts';
import { endpointReport } from '../../../src/verbs/models/check-endpoint.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { newDataset, run } from '../../unit/verbs/run.ts';

// The servers are SCRIPTED: they respect, ignore and refuse what a real one can't be made to.

async function check(respond: (request: Received) => Scripted) {
  const server = await serve(respond);
  const dataset = await newDataset();
  const model = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' } as const;
  await run('prices', { dataset, model, prices: { prompt: 1, completion: 4 } });
  const found = await run('check-endpoint', { dataset, model });
  return { found, server, dataset, model };
}

/** The answers of a server with all features. */
function able({ body }: Received): Scripted {
  if (Number(body.max_tokens) > 4096) {
    return { status: 400, error: "max_tokens is too large. This model's maximum context length is 4096 tokens." };
  }
  if (body.response_format) return { content: '{"answer": 15}', reasoning: { field: 'reasoning_content', text: 'hm' } };
  const content = `words of seed ${body.seed}`;
  // Concurrent requests stay together for a moment.
  return { content, latencyMs: 100, reasoning: { field: 'reasoning_content', text: 'hm' } };
}

describe('a check of an endpoint', () => {
  test('finds what a server can do, and reports its own cost', async () => {
    const { found, server, dataset, model } = await check(able);
    expect(found).toMatchObject({
      host: server.host,
      n: 'honoured',
      seed: 'honoured',
      schema: 'held',
      reasoningFrom: 'reasoning_content',
      context: { tokens: 4096, from: 'refusal' },
      models: ['scripted'],
      prices: { prompt: 1, completion: 4 },
      together: { inFlight: 4 },
      failed: [],
      calls: 11,
    });
    // Of 11 requests, the last was refused and cost nothing; each of the others is 11 tokens read and 7 written.
    expect(found.spent).toEqual({ prompt: 110, completion: 70, estimated: false });
    expect(server.inFlight.most).toBe(4);
    expect(await checkOf(dataset, model)).toEqual(found);
    expect(await checkOf(dataset, { ...model, model: 'other' })).toBeUndefined();
  });

  test('finds what a server ignores: n, seed, schema and the length of its context', async () => {
    let calls = 0;
    const { found, server } = await check(() => ({ contents: [`words ${calls++}`], usage: null }));
    expect(found).toMatchObject({ n: 'not honoured', seed: 'ignored', schema: 'not held', usageReported: false });
    expect(found.context).toBeUndefined();
    expect(found.spent.estimated).toBe(true);
    expect(server.received.at(-1)?.body.max_tokens).toBeGreaterThan(1e6);
  });

  test('a failed probe is named with its reason, and the others continue', async () => {
    const { found } = await check((request) =>
      request.body.seed === 10 ? { status: 500, error: 'out of memory' } : able(request),
    );
    expect(found.alone).toBeUndefined();
    expect(found.failed).toMatchObject([{ probe: 'rate alone', reason: expect.stringContaining('out of memory') }]);
    expect(found.context).toEqual({ tokens: 4096, from: 'refusal' });
  });

  test('an unusable endpoint is an error', async () => {
    await expect(check(() => ({ status: 401, error: 'no' }))).rejects.toMatchObject({ kind: 'auth' });
  });

  test('later checks replace earlier ones of the model, and a broken file is ignored', async () => {
    const { found, dataset, model } = await check(able);
    await writeCheck(dataset, { ...found, n: 'not honoured' });
    expect(await checkOf(dataset, model)).toMatchObject({ n: 'not honoured' });
    const file = await readFile(join(dataset, '.cache', 'endpoints.json'), 'utf8');
    expect(JSON.parse(file)).toHaveLength(1);
    expect(file).not.toMatch(/key|token"/i);
  });

  test('is a document that escapes the text of a server', async () => {
    const { found } = await check(able);
    const text = endpointReport({ ...found, sample: '![x](http://evil) <script> | a', prices: null });
    expect(text).toContain('| price | unknown |');
    expect(text).not.toMatch(/<script|!\[x\]/);
    expect(text).toContain('which used 110 prompt tokens and 70 completion tokens');
  });
});

test.each([
  ["This model's maximum context length is 8,192 tokens. However, you requested", 8192],
  ['together they are more than the context of 3072 tokens', 3072],
  ['exceeds the available context size (4096 tokens)', 4096],
  ['max_tokens=100000000 cannot be greater than max_model_len=1024. Please request fewer', 1024],
  ['max_tokens is too large: 100000000', undefined],
  ['context length exceeded', undefined],
])('the context in %j', (words, tokens) => expect(parseContextLength(words)).toBe(tokens));

test.each([
  [{ max_model_len: 32768 }, 32768],
  [{ context_length: 0, context_window: 131072 }, 131072],
  [{ context_length: '8k' }, undefined],
  [{ meta: { n_ctx: 8192, n_ctx_train: 131072 } }, 8192],
  [{ meta: 'none' }, undefined],
  [undefined, undefined],
])('the context of a listed model %j', (entry, tokens) => expect(contextOfEntry(entry)).toBe(tokens));
