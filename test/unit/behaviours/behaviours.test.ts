import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieceSpans, ruleSpans } from '../../../src/core/behaviours/index.ts';
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
