import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/core/schemas/index.ts';
import { RepairArgs } from '../../../src/protocol/repair.ts';
import { StepValuesArgs } from '../../../src/protocol/step-values.ts';
import { loadVerb } from '../../../src/verbs/index.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { Received } from '../../fixtures/server.ts';
import { file, newDataset, run } from '../verbs/run.ts';

const STEPS = Array.from({ length: 12 }, (_, i) => `Step ${i} is one of several sentences, and it is fine.`);
const TRACE = [...STEPS, 'It is \\boxed{14}.'].join('\n\n');

/** Tokens of the prompts that a server got, by the average of four characters, without checks of the endpoint. */
const tokensOf = (received: readonly Received[]): number[] =>
  received
    .filter(({ path, body }) => path.endsWith('/chat/completions') && body.max_tokens !== 4)
    .map(({ body }) => (body.messages as ChatMessage[]).reduce((sum, { content }) => sum + content.length, 0) / 4);

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

async function priced() {
  const server = await serve(({ path, body }) => {
    if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
    return { content: body.max_tokens === 4 ? 'een' : ' And \\boxed{1}.' };
  });
  const dataset = await newDataset();
  const row = { id: 'p', problem: `What is 7 + 8? ${'Think well. '.repeat(40)}`, answer: '15', trace: TRACE };
  await run('import-traces', { dataset, file: await file('traces.jsonl', [row]) });
  const model = { kind: 'openai' as const, baseURL: server.baseURL, model: 'scripted' };
  await run('model', { dataset, model, role: 'base' });
  // A cost is that of prompts: one for each token.
  await run('prices', { dataset, role: 'base', prices: { prompt: 1e6, completion: 0 } });
  const { chains } = await run('chains', { source: dataset, limit: 1 });
  return { dataset, chain: chains[0]?.id ?? '', received: () => tokensOf(server.received) };
}

describe('the plan of continuations, against the prompts that a server gets', () => {
  test('is theirs for a place, and for a scan of all places', async () => {
    const { dataset, chain, received } = await priced();
    const args = { dataset, chain, at: 60, samples: 3 };
    const { plan } = await run('continue', { ...args, plan: true });
    await run('continue', args);
    expect(received()).toHaveLength(plan.requests);
    expect(plan.promptTokens).toBe(Math.ceil(sum(received())));
    expect(plan.cost).toBe(plan.costMax);
    const before = received().length;
    const scan = StepValuesArgs.parse({ dataset, scan: true, batch: 2 });
    const { plan: all } = await run('step-values', { ...scan, plan: true });
    await run('step-values', scan);
    expect(received()).toHaveLength(before + all.requests);
    expect(all.promptTokens).toBe(Math.ceil(sum(received().slice(before))));
  });

  test('is the most for a search and a repair, with the prompts of the middle place as expected', async () => {
    const { dataset, received } = await priced();
    const search = StepValuesArgs.parse({ dataset, budget: 4, batch: 4 });
    const { plan } = await run('step-values', { ...search, plan: true });
    const { planned } = await repairPlan(RepairArgs.parse({ dataset, budget: 4, plan: true }));
    for (const key of [
      'requests',
      'promptTokens',
      'completionTokens',
      'completionTokensMax',
      'cost',
      'costMax',
    ] as const)
      expect([key, planned[key]]).toEqual([key, plan[key]]);
    await run('step-values', search);
    expect(received()).toHaveLength(4);
    const scan = StepValuesArgs.parse({ dataset, scan: true, batch: 8 });
    await run('step-values', scan);
    const each = received();
    const middle = (Math.min(...each) + Math.max(...each)) / 2;
    expect(Math.abs(plan.promptTokens / 4 / middle - 1)).toBeLessThan(0.1);
    expect(plan.costMax).toBe(Math.ceil(4 * Math.max(...each)));
  });

  test('is printed with its cost, as expected and at most', async () => {
    const { dataset, chain } = await priced();
    const texts = [
      (await loadVerb('continue')).print(await run('continue', { dataset, chain, at: 60, samples: 3, plan: true })),
      (await loadVerb('step-values')).print(
        await run('step-values', StepValuesArgs.parse({ dataset, budget: 4, plan: true })),
      ),
      (await loadVerb('repair-chains')).print(await repairPlan(RepairArgs.parse({ dataset, budget: 4, plan: true }))),
    ];
    for (const text of texts)
      expect(text).toMatch(
        /About [\d,]+ prompt tokens, \d+ completion tokens \(at most [\d,]+; each as long as the rest of its chain\)\. Cost: [\d,.]+, at most [\d,.]+\.(?: A |$)/m,
      );
  });
});

async function repairPlan(args: RepairArgs) {
  const result = await run('repair-chains', args);
  if (!('planned' in result)) throw new Error('Not a plan.');
  return result;
}
