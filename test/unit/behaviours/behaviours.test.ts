import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotate, chainSpans } from '../../../src/core/behaviours/annotate.ts';
import { BEHAVIOUR_SCORES, behaviourRates, pieceSpans } from '../../../src/core/behaviours/index.ts';
import { assemble } from '../../../src/core/dialogue/index.ts';
import { BEHAVIOURS, Span } from '../../../src/core/schemas/index.ts';

const parts = fc.array(
  fc.constantFrom(
    'Let me check. ',
    'So $x = 1.5$ here',
    '. ',
    '\n',
    '\n\n',
    '1. ',
    '- a',
    'e.g. ',
    '\\[ a.b \\]',
    '$',
    'Wait, that is wrong! ',
    '🙂',
    '\ud800',
    '\\boxed{7}',
    'the answer is 12. ',
    '3 + 4 = 7, so it holds. ',
  ),
  { maxLength: 40 },
);
const texts = parts.map((list) => list.join(''));

/** Written for this test: a solution, a check of it, an error that is found, a new plan. */
const SOLUTION = [
  'Tom buys 3 pens at 4 euros each and a book for 15 euros, and I want the total.',
  'The pens cost 3 * 4 = 12 euros.',
  'So the total is 12 + 15 = 27 euros.',
  'The answer is 27.',
  '',
  'Wait, let me double-check that.',
  'Three pens at 4 euros each are 3 * 4 = 12 euros.',
  'And 12 + 15 = 27, yes, that matches.',
  '',
].join('\n');

describe('annotate', () => {
  const { sentences, spans } = annotate(SOLUTION);
  const kindOf = (words: string): string[] =>
    sentences.find(({ start, end }) => SOLUTION.slice(start, end).includes(words))?.labels ?? ['missing'];

  it('marks the check from its opening to its outcome, and not the solution before it', () => {
    expect(kindOf('double-check')).toContain('verification');
    expect(kindOf('Three pens')).toContain('verification');
    expect(kindOf('yes, that matches')).toContain('verification');
    expect(kindOf('The pens cost')).not.toContain('verification');
    expect(kindOf('So the total')).not.toContain('verification');
  });

  it('marks a check as one span', () => {
    const checks = spans
      .filter(({ kind }) => kind === 'verification')
      .map(({ start, end }) => SOLUTION.slice(start, end));
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatch(/^Wait[\s\S]+matches\.$/);
  });

  it('labels a line by the text before it: a repeated sum is a check', () => {
    const first = sentences.find(({ start, end }) => SOLUTION.slice(start, end).startsWith('The pens cost 3 * 4'));
    const again = sentences.find(({ start, end }) => SOLUTION.slice(start, end).includes('are 3 * 4 = 12'));
    expect(again?.scores.verification ?? 0).toBeGreaterThan(first?.scores.verification ?? 1);
  });

  it('returns the same annotation every time', () => {
    expect(annotate(SOLUTION)).toEqual(annotate(SOLUTION));
  });

  it('does not use the trusted answer to label a behaviour', () => {
    const { spans: withGold } = annotate(SOLUTION, { gold: '27' });
    expect(withGold).toEqual(annotate(SOLUTION, { gold: '3' }).spans);
  });

  it('returns sentences that cover the text, with probabilities as scores', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { sentences: found } = annotate(text);
        expect(found.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        for (const { scores } of found) {
          for (const kind of BEHAVIOURS) {
            expect(scores[kind]).toBeGreaterThanOrEqual(0);
            expect(scores[kind]).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });

  it('marks every sentence with a label in a span of that kind, and no other sentence', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { sentences: found, spans: marked } = annotate(text);
        for (const span of marked) Span.parse(span);
        for (const kind of BEHAVIOURS) {
          const inSpan = (at: number): boolean =>
            marked.some((span) => span.kind === kind && span.start <= at && at < span.end);
          for (const { start, end, labels } of found) {
            if (text.slice(start, end).trim() === '') continue;
            expect(inSpan(start)).toBe(labels.includes(kind));
          }
        }
      }),
    );
  });
});

describe('spans of our own chains', () => {
  const chain = assemble('r/p/0-0', 'FT', [
    { piece: 'answer[1]', text: 'First I need to isolate x. Then $x = 11$.' },
    { piece: 'check[1]', text: 'Put it back in. It fails.' },
    { piece: 'answer[2]', text: 'Now square. So $x = 9$.' },
    { piece: 'summary', text: 'From 9 we come back to the root. The answer is \\boxed{9}.' },
  ]);

  it('are derived from their pieces', () => {
    const spans = pieceSpans(chain);
    expect(spans.map((span) => span.kind)).toEqual(['subgoal', 'verification', 'backtracking', 'backward']);
    const check = chain.segments[1];
    expect(spans[1]).toMatchObject({ start: check?.start, source: 'piece' });
    expect(chain.text.slice(spans[3]?.start, spans[3]?.end)).not.toContain('boxed');
    const acts = spans[1]?.acts ?? [];
    expect(acts.map(({ start }) => start)).toEqual([check?.start, chain.text.indexOf('It fails.')]);
  });

  it('include backtracking before an answer that follows a wrong one, for every connecting sentence', () => {
    const verdict = (outcome: 'correct' | 'incorrect') => ({ outcome, method: 'number' as const, extracted: '9' });
    const backtracks = (chainClass: 'FT' | 'TT' | 'TF', outcomes: ('correct' | 'incorrect')[], id: string): number => {
      const pieces = outcomes.flatMap((outcome, i) => [
        { piece: `answer[${i + 1}]`, text: `Answer ${'abc'[i]} is 9.`, verdict: verdict(outcome) },
        ...(i < outcomes.length - 1 ? [{ piece: `check[${i + 1}]`, text: `Put ${'abc'[i]} in.` }] : []),
      ]);
      const made = assemble(id, chainClass, [...pieces, { piece: 'summary', text: 'It is \\boxed{9}.' }]);
      return pieceSpans(made).filter(({ kind }) => kind === 'backtracking').length;
    };
    for (let i = 0; i < 40; i++) {
      expect(backtracks('FT', ['incorrect', 'correct'], `r/p/${i}`)).toBe(1);
      expect(backtracks('FT', ['incorrect', 'incorrect', 'correct'], `r/p/${i}`)).toBe(2);
      expect(backtracks('TT', ['correct', 'correct'], `r/p/${i}`)).toBe(0);
      expect(backtracks('TT', ['correct', 'incorrect', 'correct'], `r/p/${i}`)).toBe(1);
      expect(backtracks('TF', ['correct', 'incorrect'], `r/p/${i}`)).toBe(0);
    }
  });

  it('include those of the classifier only where no piece has the same kind', () => {
    const spans = chainSpans(chain, 'Solve for x.');
    expect(spans).toEqual(expect.arrayContaining(pieceSpans(chain)));
    expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length);
    for (const found of spans.filter(({ source }) => source === 'classifier')) {
      const same = spans.filter(({ kind, source }) => source === 'piece' && kind === found.kind);
      expect(same.every(({ start, end }) => end <= found.start || found.end <= start)).toBe(true);
    }
  });
});

describe('rates', () => {
  it('are episodes and acts per 1,000 tokens and the share of the text, and 0 without tokens', () => {
    const spans = [
      {
        kind: 'verification' as const,
        start: 10,
        end: 30,
        acts: [
          { start: 10, end: 20 },
          { start: 25, end: 30 },
        ],
      },
      { kind: 'verification' as const, start: 20, end: 50, acts: [{ start: 25, end: 30 }] },
    ];
    const { verification, subgoal } = behaviourRates(spans, { tokens: 500, characters: 80 });
    expect(verification).toEqual({ episodes: 4, acts: 4, covered: 0.5 });
    expect(subgoal).toEqual({ episodes: 0, acts: 0, covered: 0 });
    const empty = behaviourRates(spans, { tokens: 0, characters: 0 }).verification;
    expect(empty).toEqual({ episodes: 0, acts: 0, covered: 0 });
  });

  it('leave out acts where those of a span are unknown', () => {
    const spans = [{ kind: 'backtracking' as const, start: 0, end: 5 }];
    expect(behaviourRates(spans, { tokens: 100, characters: 10 }).backtracking).toEqual({ episodes: 10, covered: 0.5 });
  });

  it('come with the validation scores of the classifier', () => {
    for (const kind of BEHAVIOURS) expect(BEHAVIOUR_SCORES[kind].precision).toBeLessThanOrEqual(1);
    expect(BEHAVIOUR_SCORES.verification.f1).toBeGreaterThan(0.5);
  });
});
