import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCandidates, pieceSpans, ruleSpans, splitSentences } from '../../../src/core/behaviours/index.ts';
import { assemble } from '../../../src/core/dialogue/index.ts';

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
    '\\boxed{7}',
    'the answer is 12. ',
  ),
  { maxLength: 30 },
);

describe('sentences', () => {
  it('join to the text', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.join('');
        expect(
          splitSentences(text)
            .map((s) => text.slice(s.start, s.end))
            .join(''),
        ).toBe(text);
      }),
    );
  });

  const split = (text: string): string[] => splitSentences(text).map((s) => text.slice(s.start, s.textEnd));
  it.each([
    ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
    ['It is 3.14, e.g. for circles. Next.', ['It is 3.14, e.g. for circles.', 'Next.']],
    ['We get $a. b$ here. Then \\[ x. Y \\] follows.', ['We get $a. b$ here.', 'Then \\[ x. Y \\] follows.']],
    ['1. First thing\n2. Second thing', ['1. First thing', '2. Second thing']],
    ['A line\nthat goes on. Done.', ['A line\nthat goes on.', 'Done.']],
    ['So we find x. Then y.', ['So we find x.', 'Then y.']],
  ])('%s', (text, sentences) => expect(split(text)).toEqual(sentences));
});

describe('candidates', () => {
  const values = (text: string): string[] => findCandidates(text).map((candidate) => candidate.answer);
  it.each([
    ['So the answer is $12$. Later \\boxed{\\frac{1}{2}}.', ['12', '\\frac{1}{2}']],
    ['Therefore we get $x = 5$.', ['5']],
    ['She has 3 apples and buys 4 more.', []],
    ['So it costs $1.50.', ['$1.50']],
    ['The total cost is $1,250.', ['$1,250']],
  ])('%s', (text, answers) => expect(values(text)).toEqual(answers));

  it('are ordered, disjoint and are what stands there', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.join('');
        let reached = 0;
        for (const candidate of findCandidates(text)) {
          expect(candidate.start).toBeGreaterThanOrEqual(reached);
          expect(text.slice(candidate.start, candidate.end).trim()).toBe(candidate.answer);
          reached = candidate.end;
        }
      }),
    );
  });
});

describe('spans', () => {
  it('of a trace lie on sentences and open with a cue', () => {
    const text =
      'The sum is 12. Let me double-check: 5 + 7 = 12. That matches. Wait, that is wrong for x = 2. First, I need to find y.';
    const found = ruleSpans(text).map((span) => [span.kind, text.slice(span.start, span.end)]);
    expect(found).toEqual([
      ['verification', 'Let me double-check: 5 + 7 = 12. That matches.'],
      ['backtracking', 'Wait, that is wrong for x = 2.'],
      ['subgoal', 'First, I need to find y.'],
    ]);
  });

  it('of our own chain come from its pieces', () => {
    const chain = assemble('r/p/0-0', 'FT', {
      'answer[1]': 'First I need to isolate x. Then $x = 11$.',
      'check[1]': 'Put it back in. It fails.',
      'answer[2]': 'Now square. So $x = 9$.',
      summary: 'From 9 we come back to the root. The answer is \\boxed{9}.',
    });
    const spans = pieceSpans(chain);
    expect(spans.map((span) => span.kind)).toEqual(['subgoal', 'verification', 'backtracking', 'backward']);
    const check = chain.segments[1];
    expect(spans[1]).toMatchObject({ start: check?.start, source: 'piece' });
    expect(chain.text.slice(spans[3]?.start, spans[3]?.end)).not.toContain('boxed');
  });

  it('are within the text and not empty, whatever the text', () => {
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.join('');
        for (const span of ruleSpans(text)) {
          expect(span.start).toBeLessThan(span.end);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});
