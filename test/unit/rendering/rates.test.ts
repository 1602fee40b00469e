// @vitest-environment happy-dom
import { render } from 'lit';
import { expect, test } from 'vitest';
import { BEHAVIOURS } from '../../../src/core/schemas/index.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { formatAccuracy, ratesView } from '../../../webview/review/facts/rates.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

const precision = { value: 0.71, low: 0.66, high: 0.76 };
const recall = { value: 0.62, low: 0.5, high: 0.7 };

async function rows(rest: Partial<ReviewItem>): Promise<{ rows: string[]; notes: string[] }> {
  const item = await new MemorySource([chainOf('c')]).item('c');
  if (item === undefined) throw new Error('The chain is missing.');
  const place = document.createElement('div');
  render(ratesView({ ...item, ...rest }), place);
  const textOf = (element: Element) => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  return {
    rows: [...place.querySelectorAll('tr')].map(textOf),
    notes: [...place.querySelectorAll('p')].map(textOf),
  };
}

test('each behaviour has its episodes, its acts and its share of the text', async () => {
  const none = { episodes: 0, acts: 0, covered: 0 };
  const rates = Object.fromEntries(BEHAVIOURS.map((kind) => [kind, none])) as ReviewItem['rates'];
  const shown = await rows({
    rates: {
      ...rates,
      verification: { episodes: 3.06, acts: 8, covered: 0.314 },
      subgoal: { episodes: 1, covered: 0.02 },
    },
    accuracy: { verification: { precision, recall, by: 'people' } },
  });
  expect(shown.rows).toEqual([
    'episodes acts of text',
    'verification 3.1 8.0 31 %',
    'right 7 of 10 (0.66–0.76), found 6 of 10',
    'backtracking 0.0 0.0 0 %',
    'subgoal 1.0 – 2 %',
    'backward 0.0 0.0 0 %',
  ]);
  expect(shown.notes).toEqual(['labels by people, other models']);
});

test('with few labels, only their number is shown', () => {
  expect(formatAccuracy({ precision, by: 'calibration', few: 3 })).toBe('few labels (3)');
  expect(formatAccuracy({ precision, by: 'calibration' })).toBe('right 7 of 10 (0.66–0.76)');
});

test('a chain that is being graded has no rates yet', async () => {
  const { rows: shown } = await rows({ isGrading: true });
  expect(shown).toContain('verification – – –');
});
