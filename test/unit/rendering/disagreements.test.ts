// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { Disagreement, ReviewItem } from '../../../src/protocol/review.ts';
import {
  disagreementLine,
  disagreementsView,
  disagreementWords,
  noDisagreements,
} from '../../../webview/review/disagreements.ts';
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
  const words = (selector: string) => [...page.querySelectorAll(selector)].map((each) => each.textContent?.trim());
  return { page, gone, words };
}

describe('where judge and detectors differ', () => {
  test('is one closed line that opens to the sentences and what each side says of them', async () => {
    const { page, words } = shown(await itemWith(two));
    expect(page.querySelector('details')?.open).toBe(false);
    expect(words('summary')).toEqual(['Judge and detectors differ on 2 sentences']);
    expect(words('button')).toEqual(two.map(({ start, end }) => text.slice(start, end)));
    expect(words('.how p')).toEqual([
      'judge: nothing · detectors: subgoal',
      'judge: verification and backtracking · detectors: nothing',
    ]);
    expect(page.querySelector('b')).toBeNull();
  });

  test('a click goes to the sentence', async () => {
    const { page, gone } = shown(await itemWith(two));
    for (const button of page.querySelectorAll('button')) button.click();
    expect(gone).toEqual([0, 1]);
  });

  test('of a long list says how many are left out, and counts all of them', async () => {
    const many = Array.from({ length: 75 }, () => two[1] ?? { start: 0, end: 1, judge: [], classifier: [] });
    const { words } = shown(await itemWith(many));
    expect(words('button')).toHaveLength(60);
    expect(words('summary')).toEqual(['Judge and detectors differ on 75 sentences']);
    expect(words('.how p').at(-1)).toBe('and 15 more, by the key d');
  });

  test('nothing is shown where no judge has judged, a word where both agree', async () => {
    expect(shown(await itemWith(undefined)).page.textContent?.trim()).toBe('');
    expect(shown(await itemWith([])).page.textContent?.trim()).toBe('Judge and detectors differ on no sentence');
    expect(disagreementLine(1)).toBe('Judge and detectors differ on 1 sentence');
  });

  test('the walk goes over them in order, says what is there and that it begins again', () => {
    const stops = disagreementStops(two);
    expect(stops.map(({ start, words }) => [start, words])).toEqual(
      two.map(({ start }, index) => [start, disagreementWords(two)[index]]),
    );
    expect(stops[1]?.words).toBe('2 of 2: judge says verification and backtracking, detectors say nothing');
    expect(walkTo(stops, 1, undefined, 1)).toMatchObject({ id: '1', wrapped: false });
    expect(walkTo(stops, 1, '1', 0)).toMatchObject({ id: '0', wrapped: true });
  });

  test('a dead end says why', async () => {
    expect(noDisagreements(await itemWith(undefined))).toBe('No judge has judged this chain.');
    expect(noDisagreements(await itemWith([]))).toBe('Judge and detectors differ on no sentence of this chain.');
    expect(noDisagreements(await itemWith(undefined, true))).toBe('Of an edited text no judge says anything.');
  });
});
