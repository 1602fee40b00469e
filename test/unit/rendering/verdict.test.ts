// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/core/review/index.ts';
import { GradingPolicy, type Verdict } from '../../../src/core/schemas/index.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { describeSample } from '../../../webview/review/comparison/sample-column.ts';
import { factsView } from '../../../webview/review/facts/facts.ts';
import { type FoundAnswer, verdictView } from '../../../webview/review/facts/verdict.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const graded: Verdict = {
  outcome: 'incorrect',
  method: 'set',
  extracted: '\\{1, 2\\}',
  gold: '{1,3}',
  prediction: '{1,2}',
  detail: '2 is not in the gold set.',
};

async function itemWith(rest: Partial<ReviewItem>, verdict = graded): Promise<ReviewItem> {
  const item = await new MemorySource([{ ...chainOf('c'), verdict }]).item('c');
  if (item === undefined) throw new Error('the chain is there');
  return { ...item, ...rest };
}

const found = (place?: Place): FoundAnswer => ({ node: document.createTextNode('1, 2'), place });

function shown(item: ReviewItem, chain = found(), pieces: (FoundAnswer | undefined)[] = []) {
  const gone: Place[] = [];
  const performed: string[] = [];
  const page = document.createElement('div');
  const acts = { go: (place: Place) => gone.push(place), perform: (action: string) => performed.push(action) };
  render(verdictView(item, { gold: document.createTextNode('1, 3'), chain, pieces }, acts), page);
  const textsOf = (selector: string) =>
    [...page.querySelectorAll(selector)].map((each) => each.textContent?.replace(/\s+/g, ' ').trim());
  return { page, words: textsOf, gone, performed };
}

describe('the verdict in the reader', () => {
  test('shows the answer, both normal forms, the comparison, the reason and the policy, closed at first', async () => {
    const { page, words } = shown(await itemWith({}));
    expect(page.querySelector('details')?.open).toBe(false);
    expect(words('.how .row')).toEqual([
      'found \\{1, 2\\} not in the current text',
      'normal form {1,2}',
      'gold normal form {1,3}',
      'policy',
    ]);
    expect(words('.how > p')[0]).toBe('Compared as sets. 2 is not in the gold set.');
    expect(words('.how > p')[1]).toContain('relative tolerance 0.000001');
  });

  test('of a chain that is being graded shows that, and no outcome', async () => {
    const item = await itemWith({ isGrading: true }, { outcome: 'unknown', method: 'none' });
    const { page, words } = shown(item, found(), [found()]);
    expect(words('.row')).toContain('final answer being graded …');
    expect(page.textContent).not.toContain('unknown');
    expect(page.textContent).not.toContain('compared');
    expect(describeSample(item, 'Sample 1')).toContain('Sample 1: being graded …');
  });

  test('leads to the place of the answer where there is one', async () => {
    const { page, gone } = shown(await itemWith({}), found({ start: 3, end: 7 }));
    for (const button of page.querySelectorAll<HTMLElement>('.to-place, .how .link')) button.click();
    expect(gone).toEqual([
      { start: 3, end: 7 },
      { start: 3, end: 7 },
    ]);
  });

  test('shows a person’s word beside the grader’s, and strikes that only where they differ', async () => {
    const item = await itemWith({});
    const overruled = (outcome: 'correct' | 'incorrect') =>
      shown({ ...item, state: { ...item.state, override: { outcome, reason: 'sets of roots' } } });
    expect(overruled('correct').words('.overruled .outcome')).toEqual(['incorrect']);
    expect(overruled('correct').words('.row')).toContain('your override correct');
    expect(overruled('correct').words('p')).toContain('sets of roots');
    expect(overruled('incorrect').words('.overruled')).toEqual([]);
  });

  test('explains each graded piece, and the summary only if it differs', async () => {
    const item = await itemWith({});
    const pieces = [
      {
        piece: 'answer[1]',
        verdict: { outcome: 'unknown', method: 'none', detail: 'The gold can’t be read.' } as const,
      },
      { piece: 'check[1]' },
      { piece: 'summary', verdict: graded },
    ];
    const { words } = shown({ ...item, chain: { ...item.chain, pieces } }, found(), [found(), undefined, found()]);
    expect(words('summary')).toEqual(['decided by set', 'answer 1 1, 2 · unknown']);
    expect(words('.how > p')).toContain('No final answer was found.');
    expect(words('.how > p')).toContain('Nothing was compared. The gold can’t be read.');
  });

  test('shows the policy of a regrade if the dataset has another one now', async () => {
    const policyNow = { ...GradingPolicy.parse({}), percent: 'convert' as const };
    const { words, page, performed } = shown(await itemWith({ policyNow }));
    expect(words('.how .row')).toContain('policy of a regrade');
    for (const button of page.querySelectorAll<HTMLElement>('.acts .link')) button.click();
    expect(performed).toEqual(['overrule', 'regrade']);
  });

  test('filters that repeat a verdict overridden to correct are shown as overruled', async () => {
    const failing = (id: string) => ({ id, passed: false, value: 'incorrect', threshold: 'correct' });
    const item = await itemWith({});
    const chain = { ...item.chain, filters: [failing('final-correct'), failing('no-leak')] };
    const failedUnder = (outcome: 'correct' | 'unknown') => {
      const page = document.createElement('div');
      const state = { ...item.state, override: { outcome, reason: 'equal' } };
      const nodes = {
        problem: document.createTextNode(''),
        gold: document.createTextNode(''),
        chain: found(),
        pieces: [],
      };
      const none = (): void => undefined;
      const options = {
        allFilters: false,
        toggleFilters: none,
        reviewer: 'r',
        goTo: none,
        go: none,
        goToStep: none,
        goToChain: none,
        perform: none,
      };
      render(factsView({ ...item, chain, state }, nodes, options), page);
      return [...page.querySelectorAll('.row.failed .name')].map((name) => name.textContent);
    };
    expect(failedUnder('correct')).toEqual(['no-leak']);
    expect(failedUnder('unknown')).toEqual(['final-correct', 'no-leak']);
  });

  test('model text stays text', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const { page } = shown(await itemWith({}, { ...graded, extracted: evil, prediction: evil, detail: evil }));
    expect(page.querySelector('img')).toBeNull();
    expect(page.textContent).toContain(evil);
  });
});
