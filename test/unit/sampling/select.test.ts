import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equationKey, equationList, SelectionSettings, selectResponses } from '../../../src/core/sampling/index.ts';

const keep = (count: number) => SelectionSettings.parse({ keep: count });
const response = (id: string, tokens: number, text = `$x = ${id.length}${tokens}$`) => ({ id, tokens, text });
const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);

describe('selectResponses', () => {
  it('keeps the responses nearest the median length', () => {
    const { kept, left } = selectResponses(
      [response('a', 10), response('b', 90), response('c', 100), response('d', 112), response('e', 500)],
      keep(2),
    );
    expect(ids(kept)).toEqual(['c', 'b']);
    expect(left.map(({ response: { id }, reason }) => [id, reason])).toEqual([
      ['d', 'enough'],
      ['a', 'length'],
      ['e', 'length'],
    ]);
  });

  it('uses no length band with fewer than four responses', () => {
    expect(ids(selectResponses([response('a', 1), response('b', 100), response('c', 5_000)], keep(10)).kept)).toEqual([
      'b',
      'a',
      'c',
    ]);
    expect(
      ids(selectResponses([response('a', 1), response('b', 2), response('c', 3), response('d', 99)], keep(10)).kept),
    ).toEqual(['b', 'c']);
  });

  it('keeps one of two responses with the same equations, and names the one it repeats', () => {
    const { kept, left } = selectResponses(
      [
        response('a', 100, 'We add: $2 + 3 = 5$, so $x = 5$.'),
        response('b', 101, 'Adding gives $2+3=5$. Hence \\(x=5\\).'),
        response('c', 120, 'From $x - 3 = 2$ we get $x = 5$.'),
      ],
      keep(2),
    );
    expect(ids(kept)).toEqual(['b', 'c']);
    expect(left).toMatchObject([{ response: { id: 'a' }, reason: 'same-equations', as: 'b' }]);
  });

  it('gives the same result for any order, and returns each response once', () => {
    const list = fc.array(
      fc.record({ tokens: fc.integer({ min: 1, max: 30 }), text: fc.constantFrom('$a=1$', '$b=2$', 'words', '') }),
      {
        maxLength: 15,
      },
    );
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 10 }), fc.nat(), (rows, count, turn) => {
        const all = rows.map((row, i) => ({ ...row, id: `r${i}` }));
        const { kept, left } = selectResponses(all, keep(count));
        const at = all.length === 0 ? 0 : turn % all.length;
        expect(selectResponses([...all.slice(at), ...all.slice(0, at)].reverse(), keep(count)).kept).toEqual(kept);
        expect(kept.length).toBeLessThanOrEqual(count);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(1, all.length));
        expect([...ids(kept), ...ids(left.map((one) => one.response))].sort()).toEqual(ids(all).sort());
        expect(new Set(kept.map(({ text }) => equationKey(text))).size).toBe(kept.length);
      }),
    );
  });
});

describe('equationList', () => {
  it('reads formulas and sums in plain text, in order', () => {
    const text =
      'Let $n$ be odd. Then 3 * 4 = 12 and\n$$\\begin{aligned} y &= 2x + 1 \\\\ &\\le 9 \\end{aligned}$$ so \\(x \\leq 4\\).';
    expect(equationList(text)).toEqual(['3*4=12', 'y=2x+1', '≤9', 'x≤4']);
  });

  it('ignores spacing, bracket sizes, dfrac, alignment and tags', () => {
    const key = equationKey('$\\frac{1}{2} + x = \\left( 3 \\right)$');
    expect(equationKey('Thus $$\\dfrac{1}{2}+x &= (3) \\tag{1}$$')).toBe(key);
    expect(equationKey('$\\frac{1}{3} + x = (3)$')).not.toBe(key);
  });

  it('uses the words when there is no equation', () => {
    expect(equationKey('By  symmetry the answer is even.')).toBe(equationKey('by symmetry the answer is even'));
    expect(equationKey('By symmetry the answer is odd.')).not.toBe(equationKey('By symmetry the answer is even.'));
  });
});
