import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotate, chainSpans, classifierSpans } from '../../../src/core/behaviours/annotate.ts';
import { BEHAVIOUR_SCORES, pieceSpans, ratesPer1000Tokens } from '../../../src/core/behaviours/index.ts';
import { assemble } from '../../../src/core/dialogue/index.ts';
import { BEHAVIOURS, Span } from '../../../src/core/model/index.ts';

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

  it('makes one span of one act', () => {
    const checks = spans
      .filter(({ kind }) => kind === 'verification')
      .map(({ start, end }) => SOLUTION.slice(start, end));
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatch(/^Wait[\s\S]+matches\.$/);
  });

  it('judges a line by what stood before it: the same sum first computes, then checks', () => {
    const first = sentences.find(({ start, end }) => SOLUTION.slice(start, end).startsWith('The pens cost 3 * 4'));
    const again = sentences.find(({ start, end }) => SOLUTION.slice(start, end).includes('are 3 * 4 = 12'));
    expect(again?.scores.verification ?? 0).toBeGreaterThan(first?.scores.verification ?? 1);
  });

  it('says the same every time', () => {
    expect(annotate(SOLUTION)).toEqual(annotate(SOLUTION));
  });

  it('does not let the trusted answer decide a behaviour', () => {
    const { spans: told } = annotate(SOLUTION, { gold: '27' });
    expect(told).toEqual(annotate(SOLUTION, { gold: '3' }).spans);
  });

  it('tiles the text with sentences whose scores are probabilities', () => {
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

  it('makes spans of whole sentences that carry the kind, and leaves none of them out', () => {
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

  it('come from their pieces', () => {
    const spans = pieceSpans(chain);
    expect(spans.map((span) => span.kind)).toEqual(['subgoal', 'verification', 'backtracking', 'backward']);
    const check = chain.segments[1];
    expect(spans[1]).toMatchObject({ start: check?.start, source: 'piece' });
    expect(chain.text.slice(spans[3]?.start, spans[3]?.end)).not.toContain('boxed');
  });

  it('are added to by the classifier only where no piece says the same', () => {
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
  it('are spans per 1,000 tokens, and 0 without tokens', () => {
    const spans = classifierSpans(SOLUTION);
    const checks = spans.filter(({ kind }) => kind === 'verification').length;
    expect(ratesPer1000Tokens(spans, 500).verification).toBe(checks * 2);
    expect(ratesPer1000Tokens(spans, 0).verification).toBe(0);
  });

  it('come with what the detector is worth', () => {
    for (const kind of BEHAVIOURS) expect(BEHAVIOUR_SCORES[kind].precision).toBeLessThanOrEqual(1);
    expect(BEHAVIOUR_SCORES.verification.f1).toBeGreaterThan(0.5);
  });
});
