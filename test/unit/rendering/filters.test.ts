// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/core/review/index.ts';
import type { FilterResult } from '../../../src/core/schemas/index.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { filtersView, reasonsOf } from '../../../webview/review/facts/filters.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const passing: FilterResult = { id: 'repetition', passed: true, value: 0.04, threshold: 0.2 };
const leak: FilterResult = {
  id: 'no-leak',
  passed: false,
  value: 'Wait',
  threshold: null,
  reason: 'The text mentions an answer key, a hint or a later answer: “Wait”.',
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
  const textsOf = (selector: string) =>
    [...page.querySelectorAll(selector)].map((each) => each.textContent?.replace(/\s+/g, ' ').trim());
  return { page, words: textsOf, gone };
}

describe('why a chain was filtered out, in the reader', () => {
  test('names no place after an edit, and states which text was filtered', async () => {
    const item = await itemWith([leak]);
    const edited = { ...item, state: { ...item.state, edited: true } };
    const { words } = shown(edited);
    expect(words('.place')).toEqual([]);
    expect(words('p.filter-reason')[0]).toBe('Of the text before your edit.');
    expect(reasonsOf(edited).map(({ place }) => place)).toEqual([undefined]);
  });

  test('shows filter, value, threshold and reason, and links to the places', async () => {
    const { page, words, gone } = shown(await itemWith([passing, leak, short]));
    expect(words('h2')[0]).toContain('Why was this filtered out?');
    expect(words('.failed')).toEqual(['no-leak Wait', 'min-length 3 · limit 20']);
    expect(words('p.filter-reason')[0]).toBe('The text mentions an answer key, a hint or a later answer: “Wait”.');
    expect(words('.place')).toEqual(['Wait', 'check']);
    for (const button of page.querySelectorAll<HTMLElement>('.place')) button.click();
    expect(gone).toEqual(leak.at);
  });

  test('the key walks over every reason, place by place', async () => {
    expect(reasonsOf(await itemWith([leak, short])).map(({ text: words }) => words)).toEqual([
      'no-leak (place 1 of 2): The text mentions an answer key, a hint or a later answer: “Wait”.',
      'no-leak (place 2 of 2): The text mentions an answer key, a hint or a later answer: “Wait”.',
      'min-length: check[1] has 3 characters.',
    ]);
    expect(reasonsOf(await itemWith([passing]))).toEqual([]);
  });

  test('reports when the quota filtered it out', async () => {
    const item = await itemWith([passing], { quotaDropped: true });
    const { words } = shown(item);
    expect(words('h2')[0]).toContain('Why was this filtered out?');
    expect(words('.failed')).toEqual(['quota filtered out']);
    expect(reasonsOf(item)[0]?.text).toContain('balances right and wrong first answers');
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
