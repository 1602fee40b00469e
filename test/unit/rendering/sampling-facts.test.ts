// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import { passRate } from '../../../src/core/sampling/index.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { factsView } from '../../../webview/review/facts/facts.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

/** The sections of the facts by their headings, in words. */
async function sections(rest: Partial<ReviewItem>, goToChain: (id: string) => void = () => undefined) {
  const item = await new MemorySource([chainOf('c')]).item('c');
  if (item === undefined) throw new Error('the chain is there');
  const node = () => document.createTextNode('');
  const none = (): void => undefined;
  const options = {
    allFilters: false,
    toggleFilters: none,
    reviewer: '',
    goTo: none,
    go: none,
    goToStep: none,
    goToChain,
    perform: none,
  };
  const nodes = { problem: node(), gold: node(), chain: { node: node(), place: undefined }, pieces: [] };
  const page = document.createElement('div');
  render(factsView({ ...item, ...rest }, nodes, options), page);
  const textOf = (element: Element | null | undefined) => element?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  const found = (heading: string) =>
    [...page.querySelectorAll('section')].find((section) => textOf(section.querySelector('h2')) === heading);
  return {
    page,
    rows: (heading: string) => [...(found(heading)?.querySelectorAll('.row') ?? [])].map(textOf),
    lead: (heading: string) => textOf(found(heading)?.querySelector('p')),
    found,
  };
}

const DOUBT = 'Is the gold answer right?';
const suspect = (vote: Record<string, number>): NonNullable<ReviewItem['suspectGold']> => {
  const counts = Object.entries(vote).map(([answer, count]) => ({ answer, count }));
  const answers = counts.reduce((sum, { count }) => sum + count, 0);
  return { problemId: 'p', round: '3-sampling', vote: counts, answers, share: (counts[0]?.count ?? 0) / answers };
};

describe('facts of a chain that was made from another', () => {
  test('name the other chain, lead to it, and describe who found its wrong part', async () => {
    const of = { chain: '2-sampling/p/3', start: 5, end: 9, call: 'k' };
    const chain = (by: NonNullable<ReviewItem['chain']['repairs']>['by']) => ({
      ...chainOf('c'),
      repairs: { ...of, by },
    });
    const went: string[] = [];
    const found = await sections({ chain: chain({ within: 0.93, samples: 12 }) }, (id) => went.push(id));
    found.found('Made from')?.querySelector('button')?.click();
    expect(went).toEqual(['2-sampling/p/3']);
    expect(found.lead('Made from')).toBe('repaired; wrong part found by 12 continuations: 93 %');
    const labelled = await sections({ chain: chain({ reviewer: 'ada' }) });
    expect(labelled.lead('Made from')).toBe('repaired; wrong part labelled by ada');
    const { chain: same } = of;
    const continued = await sections({ chain: { ...chainOf('c'), continues: { chain: same, at: 5, call: 'k' } } });
    expect(continued.lead('Made from')).toBe('continued from a place in it');
    const imported = await sections({ chain: { ...chainOf('c'), parent: same } });
    expect(imported.lead('Made from')).toBe('imported with this origin');
    expect((await sections({})).found('Made from')).toBeUndefined();
  });
});

describe('facts of sampling rounds in the reader', () => {
  test('the vote against a trusted answer: the most frequent answers with their counts, and the rest together', async () => {
    const { rows, lead } = await sections({ suspectGold: suspect({ a12: 60, b7: 20, c5: 10, d3: 6, e1: 3, f0: 1 }) });
    expect(lead(DOUBT)).toBe('None of 100 samples in 3-sampling gives the gold answer. Their answers:');
    expect(rows(DOUBT)).toEqual(['a12 60 of 100', 'b7 20 of 100', 'c5 10 of 100', 'd3 6 of 100', 'others 4 of 100']);
  });

  test('where all agree there are no others, and where nothing is doubted there is no vote', async () => {
    expect((await sections({ suspectGold: suspect({ a7: 14 }) })).rows(DOUBT)).toEqual(['a7 14 of 14']);
    expect((await sections({})).found(DOUBT)).toBeUndefined();
  });

  test('an answer of a model is text, whatever it is', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const { page, rows } = await sections({ suspectGold: suspect({ [evil]: 14 }) });
    expect(page.querySelector('img')).toBeNull();
    expect(rows(DOUBT)).toEqual([`${evil} 14 of 14`]);
  });

  test('the pass rate with its interval, in words and as a band; none where nothing was tried', async () => {
    const difficulty = passRate(10, 3);
    const { rows, found } = await sections({ difficulty });
    expect(rows('Difficulty')).toEqual(['solved 3 of 10 p 0.33 (0.14–0.56)']);
    expect(found('Difficulty')?.querySelector('svg')?.getAttribute('aria-label')).toMatch(
      /^pass rate 33\.3 %, between/,
    );
    expect((await sections({})).found('Difficulty')).toBeUndefined();
  });
});
