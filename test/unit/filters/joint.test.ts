import { describe, expect, it } from 'vitest';
import { runFilters } from '../../../src/core/filters/index.ts';
import { type Chain, FilterSettings, type Segment } from '../../../src/core/schemas/index.ts';
import { good } from './subjects.ts';

const BEFORE = 'There are 7 boys and 8 girls in the class. I need how many children there are in all.\n\n';
const WRONG = 'So 7 + 8 = 14.';
const TURN = '\n\nWait, that step is wrong. Let me do it again.';
const REPAIRS: NonNullable<Chain['repairs']> = { chain: 'c', start: 88, end: 102, by: { reviewer: 'ada' }, call: 'k' };

function measured(after: string) {
  const text = `${BEFORE}${WRONG}${TURN}${after}`;
  const [from, to] = [BEFORE.length, BEFORE.length + WRONG.length];
  const segments: Segment[] = [
    { piece: 'response', start: 0, end: from, train: true },
    { piece: 'response', start: from, end: to, train: false },
    { piece: 'continuation', start: to, end: text.length, train: true },
  ];
  const subject = { ...good, text, segments, repairs: REPAIRS };
  return { text, result: runFilters(subject, FilterSettings.parse({}), {}, new Set(['joint']))[0] };
}

describe('joint', () => {
  it('takes linear time for a run of dots inside a word', () => {
    expect(measured(` Then ${'.'.repeat(1_000_000)}x, so \\boxed{15}.`).result?.passed).toBe(true);
  });

  it('accepts the next steps', () => {
    expect(measured('\n\nSo 7 + 8 = 15.\n\nIt is \\boxed{15}.').result).toMatchObject({ id: 'joint', passed: true });
    expect(measured(' Then 7 + 8 = 15, so \\boxed{15}.').result?.passed).toBe(true);
  });

  it.each([
    ['same-step', '\n\nso 7 + 8 = 14\n\nIt is \\boxed{15}.', 'so 7 + 8 = 14'],
    ['same-step', '\n\nWe add them, so 7 + 8 = 14, which is \\boxed{15}.', undefined],
    ['restart', `\n\n${BEFORE}So 7 + 8 = 15. It is \\boxed{15}.`, undefined],
    ['voice', '\n\nSure, here is the corrected step: 7 + 8 = 15. It is \\boxed{15}.', undefined],
    ['voice', ' The given solution has an error. It is \\boxed{15}.', undefined],
    ['voice', '\n\nI apologize for the mistake. It is \\boxed{15}.', undefined],
  ])('fails with %s for “%s”', (value, after, at) => {
    const { text, result } = measured(after);
    expect(result).toMatchObject({ passed: false, value });
    const place = result?.at?.[0];
    if (at !== undefined) expect(text.slice(place?.start, place?.end)).toBe(at);
  });

  it('is only about repaired chains', () => {
    expect(runFilters(good, FilterSettings.parse({}), {}, new Set(['joint']))).toEqual([]);
  });
});
