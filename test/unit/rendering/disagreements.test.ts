// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { Disagreement, ReviewItem } from '../../../src/protocol/review.ts';
import {
  describeDisagreements,
  disagreementLine,
  disagreementsView,
  noDisagreements,
} from '../../../webview/review/facts/disagreements.ts';
import { disagreementStops, walkTo } from '../../../webview/review/walk.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const text = 'Add them up: 12. Wait, <b>check</b> that again. So 12.';
const second = text.indexOf('Wait');
const two: Disagreement[] = [
  { start: 0, end: second - 1, judge: [], classifier: ['subgoal'] },
  { start: second, end: text.indexOf(' So 12'), judge: ['verification', 'backtracking'], classifier: [] },
];

async function itemWith(disagreements: Disagreement[] | undefined, edited = false): Promise<ReviewItem> {
  const item = await new MemorySource([chainOf('c', text)]).item('c');
  if (item === undefined) throw new Error('the chain is there');
  return { ...item, disagreements, state: { ...item.state, edited } };
}

function shown(item: ReviewItem) {
  const gone: number[] = [];
  const page = document.createElement('div');
  render(
    disagreementsView(item, (index) => gone.push(index)),
    page,
  );
  const textsOf = (selector: string) => [...page.querySelectorAll(selector)].map((each) => each.textContent?.trim());
  return { page, gone, words: textsOf };
}

describe('disagreements of judge and classifier', () => {
  test('is a closed line that expands to the sentences with both labels', async () => {
    const { page, words } = shown(await itemWith(two));
    expect(page.querySelector('details')?.open).toBe(false);
    expect(words('summary')).toEqual(['Judge and classifier disagree on 2 sentences']);
    expect(words('button')).toEqual(two.map(({ start, end }) => text.slice(start, end)));
    expect(words('.how p')).toEqual([
      'judge: none · classifier: subgoal',
      'judge: verification and backtracking · classifier: none',
    ]);
    expect(page.querySelector('b')).toBeNull();
  });

  test('a click goes to the sentence', async () => {
    const { page, gone } = shown(await itemWith(two));
    for (const button of page.querySelectorAll('button')) button.click();
    expect(gone).toEqual([0, 1]);
  });

  test('counts all of a long list, and the ones that are not listed', async () => {
    const many = Array.from({ length: 75 }, () => two[1] ?? { start: 0, end: 1, judge: [], classifier: [] });
    const { words } = shown(await itemWith(many));
    expect(words('button')).toHaveLength(60);
    expect(words('summary')).toEqual(['Judge and classifier disagree on 75 sentences']);
    expect(words('.how p').at(-1)).toBe('and 15 more (key d)');
  });

  test('nothing is shown where no judge has judged, a word where both agree', async () => {
    expect(shown(await itemWith(undefined)).page.textContent?.trim()).toBe('');
    expect(shown(await itemWith([])).page.textContent?.trim()).toBe('Judge and classifier agree on every sentence');
    expect(disagreementLine(1)).toBe('Judge and classifier disagree on 1 sentence');
  });

  test('the walk visits them in order, announces each, and reports when it wraps', () => {
    const stops = disagreementStops(two);
    expect(stops.map(({ start, text: words }) => [start, words])).toEqual(
      two.map(({ start }, index) => [start, describeDisagreements(two)[index]]),
    );
    expect(stops[1]?.text).toBe('2 of 2: judge: verification and backtracking, classifier: none');
    expect(walkTo(stops, 1, undefined, 1)).toMatchObject({ id: '1', wrapped: false });
    expect(walkTo(stops, 1, '1', 0)).toMatchObject({ id: '0', wrapped: true });
  });

  test('a walk without stops reports the reason', async () => {
    expect(noDisagreements(await itemWith(undefined))).toBe('This chain is not judged yet.');
    expect(noDisagreements(await itemWith([]))).toBe('Judge and classifier agree on every sentence of this chain.');
    expect(noDisagreements(await itemWith(undefined, true))).toBe(
      'The text was edited, so no judgement applies to it.',
    );
  });
});
