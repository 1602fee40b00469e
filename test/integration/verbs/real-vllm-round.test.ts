// A sampling round by vLLM inside ray.data.llm, on a real Ray of one node without a GPU.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CallReply, CallRequest, RoundSummary } from '../../../src/core/schemas/index.ts';
import { linesOf } from '../../../src/store/lines/files.ts';
import { type RayHead, startRay } from '../../fixtures/ray.ts';
import { SERVERS, vllmEnvironment } from '../../fixtures/real-servers.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { file, newDataset, run, temporaryFolder } from '../../unit/verbs/run.ts';

const Line = z.object({ request: CallRequest, reply: CallReply });

describe.skipIf(!SERVERS.wanted)(`a sampling round by vLLM on Ray ${SERVERS.why}`, { timeout: 900_000 }, () => {
  let head: RayHead | undefined;
  let model = '';

  beforeAll(async () => {
    const environment = await vllmEnvironment();
    if (typeof environment === 'string') throw new Error(environment);
    model = join(await temporaryFolder(), 'tiny');
    await tinyLlama(environment.python, model);
    head = await startRay(environment, { cpus: 4 });
  }, 1_800_000);
  afterAll(() => head?.stop());

  test('returns each sample with its seed, its tokens and whether it was truncated', async () => {
    const dataset = await newDataset();
    const rows = [1, 2, 3].map((i) => ({ id: `p${i}`, problem: `What is ${i} + 1?`, answer: '-7777' }));
    await run('import', { dataset, file: await file('problems.jsonl', rows) });
    const address = head?.address ?? '';
    await run('model', {
      dataset,
      model: { kind: 'openai', baseURL: `${address}/v1`, model: 'tiny' },
      role: 'fine-tuned',
    });
    const summary = RoundSummary.parse(
      await run('sample-round', {
        dataset,
        policy: { policy: 'cascade', stages: [2] },
        seed: 5,
        response: { maxTokens: 16 },
        engine: { engine: 'ray', address },
        batch: { how: 'vllm', model, vllmArgs: { gpu_memory_utilization: 0.05, enforce_eager: true } },
      }),
    );
    expect(summary.sampling).toMatchObject({ samples: 6, failed: [], ended: { how: 'finished' } });
    const lines: z.infer<typeof Line>[] = [];
    const journal = join(dataset, 'rounds', summary.round, 'journal.jsonl');
    for await (const line of linesOf(journal, Line)) lines.push(line);
    expect(new Set(lines.map(({ request }) => request.seed)).size).toBe(6);
    expect(new Set(lines.map(({ reply }) => reply.text)).size).toBe(6);
    for (const { reply } of lines) {
      expect(reply.usage).toMatchObject({ prompt: expect.any(Number), estimated: false });
      expect(reply.usage.completion).toBe(reply.finish === 'length' ? 16 : expect.any(Number));
    }
    expect(summary.sampling?.truncated).toBe(lines.filter(({ reply }) => reply.finish === 'length').length);
  });
});
