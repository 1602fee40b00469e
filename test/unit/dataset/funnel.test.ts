import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adviceText,
  type FunnelInput,
  funnelLine,
  mainLoss,
  roundFunnel,
  shortFunnelLine,
} from '../../../src/core/dataset/funnel/index.ts';
import { DialogueSettings, FilterSettings, type RoundSummary } from '../../../src/core/schemas/index.ts';

const dialogue = DialogueSettings.parse({ answer: { temperature: 0.8, topP: 0.95, maxTokens: 160 } });
const plan: FunnelInput['plan'] = { kind: 'dialogue', dialogue, promptSet: 'small', filters: FilterSettings.parse({}) };
const NO_CLASSES = { FT: 0, TT: 0, TF: 0, FF: 0 };
const summary = (changes: Partial<RoundSummary>): RoundSummary => ({
  ...{ version: 1, round: '1-dialogue', finishedAt: '', calls: 15, completionTokens: 0, seconds: 1 },
  ...{ problems: 4, problemsWithoutChain: 3, chains: 1, chainsPassed: 0 },
  ...{ pairs: NO_CLASSES, assembled: NO_CLASSES, kept: NO_CLASSES, quotaDropped: [] },
  ...changes,
});

/** A round with 1 chain, of which 0 passed. */
const reported: FunnelInput = {
  plan,
  answers: new Map(Object.entries({ truncated: 7, 'no-answer': 1, correct: 2, incorrect: 2 })),
  chains: { chains: 1, passed: 0, failed: new Map([['verdict-consistent', 1]]) },
  calls: 15,
  summary: summary({}),
};

describe('the funnel of a round', () => {
  it('shows each stage with its losses, and the one setting to change', () => {
    const funnel = roundFunnel(reported);
    if (!funnel) throw new Error('a dialogue round with answers has a funnel');
    expect(funnelLine(funnel)).toBe(
      '15 calls → 12 answers → 5 finished (7 truncated at 160 tokens) → 4 with a final answer (1 without a final answer) → 1 chain (3 problems without a usable pair of answers) → 0 passed the filters (1 by verdict-consistent) → 0 kept',
    );
    expect(mainLoss(funnel)).toBe('7 of 12 answers were truncated at 160 tokens.');
    expect(funnel.advice && adviceText(funnel.advice)).toBe(
      'Raise dialogue.answer.maxTokens from 160 to 512 in longhand.json.',
    );
  });

  it('names the limit of the piece that was truncated when chains fail “finished”', () => {
    const counts = { answered: 4, truncated: 0, blocked: 0, refused: 0, unfinished: 0, empty: 0 };
    const adviceWith = (replies: RoundSummary['replies']) =>
      roundFunnel({
        ...reported,
        answers: new Map([['correct', 4]]),
        chains: { chains: 4, passed: 0, failed: new Map([['finished', 4]]) },
        summary: summary({ chains: 4, problemsWithoutChain: 0, ...(replies ? { replies } : {}) }),
      })?.advice;
    const truncated = { ...counts, truncated: 3 };
    expect(adviceWith({ answer: truncated, check: truncated, summary: counts })?.setting).toBe(
      'dialogue.check.maxTokens',
    );
    expect(adviceWith({ answer: truncated, check: counts, summary: truncated })?.setting).toBe(
      'dialogue.summary.maxTokens',
    );
    expect(adviceWith({ answer: counts, check: counts, summary: counts })).toEqual({ reason: 'filter:finished' });
    expect(adviceWith(undefined)?.setting).toBe('dialogue.summary.maxTokens');
  });

  it('is short in a notification: without losses and without stages that lose nothing', () => {
    const funnel = roundFunnel(reported);
    expect(funnel && shortFunnelLine(funnel)).toBe(
      '15 calls → 12 answers → 5 finished → 4 with a final answer → 1 chain → 0 passed the filters → 0 kept',
    );
    const stages = [10, 10, 4, 4].map((count, i) => ({
      ...{ stage: (['calls', 'answers', 'finished', 'kept'] as const)[i] ?? 'kept', count, losses: [] },
    }));
    expect(shortFunnelLine({ stages })).toBe('10 calls → 4 finished → 4 kept');
  });

  it('names the quota when only the quota keeps no chain, because a change needs no request', () => {
    const funnel = roundFunnel({
      ...reported,
      chains: { chains: 36, passed: 16, failed: new Map([['equations', 20]]) },
      summary: summary({ quotaDropped: Array.from({ length: 16 }, (_, i) => `c${i}`) }),
    });
    expect(funnel?.advice).toMatchObject({ setting: 'dialogue.firstWrongShare', from: 50, to: 0 });
  });

  it('gives advice without the value of a setting that has none', () => {
    expect(adviceText({ reason: 'filter:a', setting: 'filters.a' })).toBe('Check filters.a in longhand.json.');
    expect(adviceText({ reason: 'filter:a', setting: 'filters.a', to: 2 })).toBe(
      'Set filters.a to 2 in longhand.json.',
    );
    expect(adviceText({ reason: 'filter:a', setting: 'filters.a', from: 1 })).toBe(
      'Check filters.a in longhand.json (now 1).',
    );
  });

  it('shows unknown outcomes by their stored name', () => {
    const funnel = roundFunnel({
      ...reported,
      answers: new Map(Object.entries({ blocked: 6, 'something-new': 2, correct: 1 })),
    });
    expect(funnel?.stages.find(({ stage }) => stage === 'finished')).toMatchObject({
      count: 1,
      losses: [
        { reason: 'blocked', count: 6 },
        { reason: 'something-new', count: 2 },
      ],
    });
    expect(funnel && funnelLine(funnel)).toContain('6 blocked by the provider, 2 something-new');
    expect(funnel?.advice && adviceText(funnel.advice)).toBe('Choose another model.');
  });

  it('shows no text of a file', () => {
    const hostile = '[x](command:evil)';
    const funnel = roundFunnel({
      ...reported,
      answers: new Map([[hostile, 3]]),
      chains: { chains: 2, passed: 0, failed: new Map([[hostile, 2]]) },
    });
    expect(funnel && funnelLine(funnel)).not.toContain('command');
    expect(funnel && mainLoss(funnel)).not.toContain('command');
  });

  it('is absent for imported rounds and before an answer is graded', () => {
    expect(roundFunnel({ ...reported, plan: { ...plan, kind: 'imported' } })).toBeUndefined();
    expect(roundFunnel({ ...reported, answers: new Map() })).toBeUndefined();
  });

  it('accounts for every answer up to the final one, for any counts', () => {
    const amount = fc.nat({ max: 500 });
    const outcomes = fc.record({
      ...{ truncated: amount, 'no-answer': amount, correct: amount, incorrect: amount },
      ...{ unknown: amount, refusal: amount },
    });
    fc.assert(
      fc.property(outcomes, (counts) => {
        const funnel = roundFunnel({ ...reported, answers: new Map(Object.entries(counts)), calls: undefined });
        const stages = funnel?.stages ?? [];
        const upTo = stages.findIndex(({ stage }) => stage === 'chains');
        for (let i = 1; i < upTo; i++) {
          const lost = stages[i]?.losses.reduce((sum, { count }) => sum + count, 0) ?? 0;
          expect((stages[i]?.count ?? 0) + lost).toBe(stages[i - 1]?.count);
        }
      }),
    );
  });
});
