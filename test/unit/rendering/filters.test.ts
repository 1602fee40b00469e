// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { FilterResult } from '../../../src/core/model/index.ts';
import type { Place } from '../../../src/core/review/index.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { filtersView, reasonsOf } from '../../../webview/review/filters.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const passing: FilterResult = { id: 'repetition', passed: true, value: 0.04, threshold: 0.2 };
const leak: FilterResult = {
  ...{ id: 'no-leak', passed: false, value: 'Wait', threshold: null, reason: 'The text gives itself away: “Wait”.' },
  at: [
    { start: 17, end: 21 },
    { start: 23, end: 28 },
  ],
};
const short: FilterResult = {
  id: 'min-length',
  passed: false,
  value: 3,
  threshold: 20,
  reason: 'check[1] has 3 characters.',
};
const wrong: FilterResult = {
  id: 'final-correct',
  passed: false,
  value: 'incorrect',
  threshold: 'correct',
  reason: 'It is wrong.',
};

async function itemWith(filters: FilterResult[], rest: Partial<ReviewItem> = {}): Promise<ReviewItem> {
  const item = await new MemorySource([{ ...chainOf('c'), filters }]).item('c');
  if (item === undefined) throw new Error('the chain is there');
  return { ...item, ...rest };
}

function shown(item: ReviewItem) {
  const gone: Place[] = [];
  const page = document.createElement('div');
  const acts = { allFilters: false, toggleFilters: () => undefined, go: (place: Place) => gone.push(place) };
  render(filtersView(item, acts), page);
  const words = (selector: string) =>
    [...page.querySelectorAll(selector)].map((each) => each.textContent?.replace(/\s+/g, ' ').trim());
  return { page, words, gone };
}

describe('why a chain was dropped, in the reader', () => {
  test('tells filter, measured value, threshold and reason, and leads to the places', async () => {
    const { page, words, gone } = shown(await itemWith([passing, leak, short]));
    expect(words('h2')[0]).toContain('Why was this dropped?');
    expect(words('.failed')).toEqual(['no-leak Wait', 'min-length 3 · limit 20']);
    expect(words('p.filter-reason')[0]).toBe('The text gives itself away: “Wait”.');
    expect(words('.place')).toEqual(['Wait', 'check']);
    for (const button of page.querySelectorAll<HTMLElement>('.place')) button.click();
    expect(gone).toEqual(leak.at);
  });

  test('the key walks over every reason, place by place', async () => {
    expect(reasonsOf(await itemWith([leak, short])).map(({ words }) => words)).toEqual([
      'no-leak (place 1 of 2): The text gives itself away: “Wait”.',
      'no-leak (place 2 of 2): The text gives itself away: “Wait”.',
      'min-length: check[1] has 3 characters.',
    ]);
    expect(reasonsOf(await itemWith([passing]))).toEqual([]);
  });

  test('says when the quota left it out', async () => {
    const item = await itemWith([passing], { quotaDropped: true });
    const { words } = shown(item);
    expect(words('h2')[0]).toContain('Why was this dropped?');
    expect(words('.failed')).toEqual(['quota left out']);
    expect(reasonsOf(item)[0]?.words).toContain('as many right first answers as wrong ones');
  });

  test('asks nothing of a chain that passed, or that a person calls right', async () => {
    expect(shown(await itemWith([passing])).words('h2')).toEqual(['Filters']);
    const item = await itemWith([wrong, passing]);
    const override = { outcome: 'correct', reason: 'The gold is wrong.' } as const;
    const overruled = { ...item, state: { ...item.state, override } };
    expect(shown(overruled).words('h2')).toEqual(['Filters']);
    expect(reasonsOf(overruled)).toEqual([]);
  });
});
