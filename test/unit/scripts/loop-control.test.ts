import { describe, expect, test } from 'vitest';
import { controlRows } from '../../../scripts/loop/control.ts';

describe('the control arm', () => {
  const response = (problemId: string, text: string, finished = true) => ({ problemId, text, finished });
  const responses = [
    ...['a', 'b', 'c', 'c'].map((text) => response('p', text)),
    ...['d', 'e'].map((text) => response('q', text)),
    response('q', 'cut', false),
    response('r', 'f'),
  ];

  test('has as many rows of a problem as the treated arm, without duplicate or truncated texts', () => {
    const rows = controlRows(responses, new Map(Object.entries({ p: 2, q: 2 })), 1);
    expect(rows.filter(({ problemId }) => problemId === 'p')).toHaveLength(2);
    const texts = rows.flatMap(({ problemId, text }) => (problemId === 'q' ? [text] : []));
    expect(texts.sort()).toEqual(['d', 'e']);
    expect(new Set(rows.map(({ text }) => text)).size).toBe(4);
  });

  test('uses other problems when one has too few responses', () => {
    const rows = controlRows(responses, new Map([['r', 3]]), 1);
    expect(rows).toHaveLength(3);
    expect(rows.filter(({ problemId }) => problemId === 'r')).toHaveLength(1);
    expect(() => controlRows(responses, new Map([['r', 9]]), 1)).toThrow('lacks 3');
  });

  test('depends on the seed', () => {
    const counts = new Map(Object.entries({ p: 1, q: 1 }));
    expect(controlRows(responses, counts, 3)).toEqual(controlRows(responses, counts, 3));
    const drawn = new Set(Array.from({ length: 20 }, (_, seed) => controlRows(responses, counts, seed)[0]?.text));
    expect(drawn.size).toBeGreaterThan(1);
  });
});
