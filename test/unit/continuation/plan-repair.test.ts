import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RepairEnd } from '../../../src/core/schemas/index.ts';
import { RepairArgs } from '../../../src/protocol/repair.ts';
import { planRepair, REPAIRS_FILE } from '../../../src/runner/repair/plan-repair.ts';
import { Dataset } from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { file, newDataset, run } from '../verbs/run.ts';

const ENDS: readonly RepairEnd[] = [
  ...(['repaired', 'filtered-out', 'repeated', 'not-found', 'not-continued'] as const),
  ...(['budget', 'changed', 'refused', 'ungraded'] as const),
];
const signal = new AbortController().signal;

describe('the plan of a round of repairs', () => {
  test('leaves out what an earlier round has tried, and takes what it did not reach or could not try', async () => {
    const folder = await newDataset();
    const names = [...ENDS, 'unfinished'];
    const rows = names.map((id) => ({ id, problem: `What is ${id}?`, answer: '2', trace: 'It is \\boxed{1}.' }));
    await run('import-traces', { dataset: folder, file: await file('traces.jsonl', rows) });
    const model = { kind: 'openai' as const, baseURL: 'http://127.0.0.1:1/v1', model: 'm' };
    await run('model', { dataset: folder, model, role: 'base' });
    const dataset = await Dataset.open(folder);
    const args = RepairArgs.parse({ dataset: folder, where: 'origin = imported' });
    // A chain without a gold answer that can be read takes no place of the limit.
    const unreadable = { id: 'unreadable', problem: 'What is it?', answer: '(1, 2', trace: 'It is \\boxed{1}.' };
    await run('import-traces', { dataset: folder, file: await file('unreadable.jsonl', [unreadable]) });
    await dataset.refresh();
    const only = { ...args, chains: ['unreadable'] };
    await expect(planRepair(dataset, only, signal)).rejects.toMatchObject({ kind: 'round' });
    const { plan } = await planRepair(dataset, args, signal);
    expect(plan.repair.chains).toHaveLength(names.length);
    await dataset.createRound(plan);
    // Each chain has the id of its end.
    const lines = ENDS.map((end) => ({ chainId: end, end, samples: 1, searched: 0, made: [] }));
    await appendLines(join(dataset.roundFolder(plan.round), REPAIRS_FILE), lines);
    await dataset.refresh();
    const { plan: next, report } = await planRepair(dataset, args, signal);
    expect(next.repair.chains.map(({ chainId }) => chainId)).toEqual([
      'budget',
      'changed',
      'refused',
      'ungraded',
      'unfinished',
    ]);
    expect(report.skipped.tried).toBe(5);
    // With another certainty, a search may name another wrong part; with a larger budget, what was not repaired may be.
    const chainsBy = async (changes: object): Promise<string[]> => {
      const { plan: other } = await planRepair(dataset, { ...args, ...changes }, signal);
      return other.repair.chains.map(({ chainId }) => chainId);
    };
    expect(await chainsBy({ certainty: 0.5 })).toEqual(names);
    const unrepaired = names.filter((id) => id !== 'repaired' && id !== 'repeated');
    expect(await chainsBy({ budget: args.budget + 1 })).toEqual(unrepaired);
    expect(await chainsBy({ response: { temperature: 1.1 } })).toEqual(unrepaired);
    expect(await chainsBy({ budget: args.budget - 1 })).toEqual([
      'budget',
      'changed',
      'refused',
      'ungraded',
      'unfinished',
    ]);
    await dataset.close();
  });
});
