import { describe, expect, test } from 'vitest';
import { SamplingChoices } from '../../../src/core/sampling/index.ts';
import type { ModelRef } from '../../../src/core/schemas/index.ts';
import type { SamplingPlanReport } from '../../../src/protocol/sampling.ts';
import { formatPlanTable } from '../../../src/verbs/sampling/print.ts';

const row = {
  ...{ problems: 10, samples: 130, requests: 65, promptTokens: 1000, completionTokens: 9000 },
  ...{ correct: 30, kept: 18, solved: 9 },
};

const STARTER: ModelRef = { kind: 'starter', model: 'm' };
const HOSTED: ModelRef = { kind: 'openai', baseURL: 'https://models.example/v1', model: 'm' };

const planned = (
  known: { cost?: number; seconds?: number },
  rate: Partial<SamplingPlanReport['rate']> = {},
  model: ModelRef = HOSTED,
): string =>
  formatPlanTable({
    ...{ round: '3-sampling', model, role: 'base', concurrency: 8, seed: 1 },
    settings: SamplingChoices.parse({}),
    response: { temperature: 1, topP: 1, maxTokens: 100 },
    ...{ problems: 10, dropped: [], covered: 2, coveredAfter: 9.4 },
    rate: { completionTokens: 50, from: 'guess', ...rate },
    evidence: { sampled: 0, basis: 'flat', problems: 0, samples: 0, restsOnPrior: true },
    interval: { coveredAfter: { low: 2.1, high: 10 }, kept: { low: 0.2, high: 20 }, samples: { low: 20, high: 1110 } },
    buckets: [{ ...row, ...known, from: 0, to: 0.05 }],
    total: { ...row, ...known },
  });

describe('a sampling plan at a terminal', () => {
  test('shows that cost and speed are unknown, without columns for them', () => {
    const text = planned({});
    expect(text).toContain('≈ 1,000 prompt and ≈ 9,000 completion tokens, cost unknown.');
    expect(text).toContain('speed unknown');
    expect(text).toMatch(/solved\n/);
  });

  test('marks estimates from the prior, with an interval and a pilot to measure the model', () => {
    const text = planned({});
    expect(text).toContain(
      'Solved: 2 problems before, ≈ 9 after (90 % interval over the unknown mean pass rate: 2 to 10).',
    );
    expect(text).toContain('≈ estimated from the prior: 0 of 10 problems sampled');
    expect(text).toContain('90 % interval 20 to 1,110');
    expect(text).toContain('--pilot 20');
  });

  test('shows no cost for a local model', () => {
    expect(planned({}, {}, STARTER)).toContain('cost none (local).');
    expect(planned({}, {}, { kind: 'openai', baseURL: 'http://127.0.0.1:8000/v1', model: 'm' })).toContain(
      'none (local)',
    );
    expect(planned({ cost: 0.5 }, {}, STARTER)).toContain('cost ≈ 0.50.');
  });

  test('shows known cost and speed for each bucket', () => {
    const lines = planned({ cost: 0.05, seconds: 225 }, { tokensPerSecond: 40 }).split('\n');
    const cells = (line: string | undefined) => line?.trim().split(/\s{2,}/);
    expect(lines[0]).toContain('cost ≈ 0.0500');
    expect(cells(lines[2])?.slice(-2)).toEqual(['cost', 'seconds']);
    expect(cells(lines[3])).toEqual([
      ...['0 – 0.05', '10', '≈ 130', '≈ 65', '≈ 1,000', '≈ 9,000', '≈ 30', '≈ 18', '≈ 9', '≈ 0.0500', '≈ 225'],
    ]);
    expect(cells(lines[4])?.[0]).toBe('all');
  });
});
