import { describe, expect, it } from 'vitest';
import { completionsAt } from '../../../../webview/chains/complete.ts';

const FIELDS = [
  { name: 'failed', about: 'id of a failed filter', values: ['repetition', 'minLength'] },
  { name: 'first', about: 'verdict of the first answer', values: ['correct', 'incorrect'] },
  { name: 'topic', about: 'of the problem', values: ['Number theory', 'the "best"'] },
];
const texts = (query: string) => completionsAt(query, query.length, FIELDS).options.map(({ text }) => text);
const taken = (query: string, at = 0) => {
  const { from, to, options } = completionsAt(query, query.length, FIELDS);
  return `${query.slice(0, from)}${options[at]?.text}${query.slice(to)}`;
};

describe('the completion of a query', () => {
  it('offers the fields that begin as typed first', () => {
    expect(texts('f')).toEqual(['failed', 'first']);
    expect(texts('level = 5 and fi')).toEqual(['first']);
    expect(texts('x')).toEqual([]);
    expect(texts('')).toEqual([]);
  });

  it('offers the values of a field after its operator', () => {
    expect(texts('failed = ')).toEqual(['repetition', 'minLength']);
    expect(texts('failed != re')).toEqual(['repetition']);
    expect(texts('failed = repetition, m')).toEqual(['minLength']);
    expect(texts('FIRST=inc')).toEqual(['incorrect']);
  });

  it('puts values with spaces in quotes, in place of what was typed', () => {
    expect(taken('topic = num')).toBe('topic = "Number theory"');
    expect(taken('topic = "Num')).toBe('topic = "Number theory"');
    expect(taken('topic = best')).toBe('topic = "the \\"best\\""');
    expect(taken('topic = "Number theory", bes')).toBe('topic = "Number theory", "the \\"best\\""');
  });

  it('offers nothing that is there in full', () => {
    expect(texts('failed = repetition')).toEqual([]);
  });
});
