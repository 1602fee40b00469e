import { expect, test, vi } from 'vitest';
import { SamplingSummary } from '../../../src/core/schemas/index.ts';
import type { RoundStatus, RunnerState } from '../../../src/protocol/runner.ts';
import { formatCoverage } from '../../../src/verbs/sampling/print.ts';
import { l10n } from './l10n.ts';

vi.mock('vscode', () => ({ l10n, env: { language: 'en' }, ThemeIcon: class {}, ThemeColor: class {} }));
const { funnelItems, roundFacts } = await import('../../../src/editor/dataset/round-text.ts');

const runner: RunnerState = {
  version: 1,
  pid: 1,
  startedAt: '',
  updatedAt: '',
  state: 'cancelled',
  problemsDone: 0,
  problemsTotal: 5,
  calls: 29,
  callsReused: 4,
  retries: 0,
  completionTokens: 3957,
  promptTokens: 900,
  tokensPerSecond: 11,
  chains: 0,
  chainsPassed: 0,
  byClass: {} as never,
};
const status: RoundStatus = {
  round: '1-dialogue',
  kind: 'dialogue',
  state: 'cancelled',
  runner,
  chains: 0,
  chainsPassed: 0,
  funnel: { calls: 29, stages: [{ stage: 'calls', count: 29, losses: [] }], limits: {} } as never,
};

test('Show Round lists the last run apart from the whole round, without repeating a label', () => {
  expect(roundFacts(status)).toEqual([
    { label: 'Problems', description: '0 of 5 problems' },
    { label: 'Last run', description: '29 calls (4 from the journal) · 3,957 tokens written · 11 tok/s' },
  ]);
  const labels = [...roundFacts(status), ...funnelItems(status)].map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
});

test('a running round shows this run, and its chains if any', () => {
  const labels = roundFacts({ ...status, state: 'running', chains: 2, chainsPassed: 1 }).map(({ label }) => label);
  expect(labels).toEqual(['Chains', 'Problems', 'This run']);
});

const summary = SamplingSummary.parse({
  ended: { how: 'finished' },
  samples: 9,
  requests: 9,
  correct: 4,
  incorrect: 5,
  truncated: 0,
  ungraded: 0,
  kept: 4,
  left: {},
  promptTokens: 1,
  completionTokens: 1,
  suspectGold: [],
  unreadable: [],
  failed: [],
  covered: { before: 12, after: 1061 },
  buckets: [
    { before: 1100, after: 0 },
    { from: 0, to: 0.2, before: 0, after: 0 },
    { from: 0.2, to: 0.5, before: 30, after: 70 },
    { from: 0.5, to: 1, before: 0, after: 1060 },
  ],
});

test('a sampling round shows coverage and difficulty before and after it, without empty buckets', () => {
  expect(formatCoverage(summary, 1130)).toEqual([
    'Problems with a correct answer, in any round: 12 → 1,061 of 1,130',
    'Problems by pass rate: not sampled: 1,100 → 0, 0.2 – 0.5: 30 → 70, 0.5 – 1: 0 → 1,060',
  ]);
});
