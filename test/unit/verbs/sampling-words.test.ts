import { describe, expect, test } from 'vitest';
import { SamplingChoices } from '../../../src/core/sampling/index.ts';
import type { SamplingPlanReport } from '../../../src/protocol/sampling.ts';
import { SAMPLING_WORDS } from '../../../src/verbs/sampling-words.ts';

const row = {
  ...{ problems: 10, samples: 130, requests: 65, promptTokens: 1000, completionTokens: 9000 },
  ...{ correct: 30, kept: 18, solved: 9 },
};

const planned = (known: { cost?: number; seconds?: number }, rate: Partial<SamplingPlanReport['rate']> = {}): string =>
  SAMPLING_WORDS['plan-sampling']({
    ...{ round: '3-sampling', model: { kind: 'starter', model: 'm' }, role: 'base', concurrency: 8, seed: 1 },
    settings: SamplingChoices.parse({}),
    response: { temperature: 1, topP: 1, maxTokens: 100 },
    ...{ problems: 10, dropped: [], covered: 2, coveredAfter: 9.4 },
    rate: { completionTokens: 50, from: 'guess', ...rate },
    buckets: [{ ...row, ...known, from: 0, to: 0.05 }],
    total: { ...row, ...known },
  });

describe('a sampling plan at a terminal', () => {
  test('says that cost and speed are unknown, and has no columns for them', () => {
    const text = planned({});
    expect(text).toContain('10000 tokens, cost unknown.');
    expect(text).toContain('speed unknown');
    expect(text).toMatch(/solved\n/);
  });

  test('shows them for each bucket where they are known', () => {
    const lines = planned({ cost: 0.05, seconds: 225 }, { tokensPerSecond: 40 }).split('\n');
    const cells = (line: string | undefined) => line?.trim().split(/\s{2,}/);
    expect(lines[0]).toContain('cost 0.0500');
    expect(cells(lines[2])?.slice(-2)).toEqual(['cost', 'seconds']);
    expect(cells(lines[3])).toEqual(['0–0.05', '10', '130', '65', '10000', '30', '18', '9', '0.0500', '225']);
    expect(cells(lines[4])?.[0]).toBe('all');
  });
});
