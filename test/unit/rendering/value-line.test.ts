// @vitest-environment happy-dom
import { render } from 'lit';
import { expect, test } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import type { ShownStepValues } from '../../../src/protocol/step-values.ts';
import type { TraceContent } from '../../../webview/rendering/trace.ts';
import { ValueLine } from '../../../webview/review/values/value-line.ts';
import { valuesView } from '../../../webview/review/values/values-view.ts';

const place = (kept: number, at: number, right: number, [mean, low, high]: [number, number, number]) => ({
  ...{ kept, at, right, wrong: 8 - right },
  ...{ mean, low, high },
});
/** Of a chain of 200 code units in four steps, whose third one is wrong. */
const VALUES: ShownStepValues = {
  ...{ at: '2026-01-01T00:00:00Z', model: 'tiny', steps: 4, samples: 16, before: 0.8, after: 0.05 },
  places: [
    place(2, 100, 7, [0.8, 0.55, 0.94]),
    place(3, 150, 0, [0.1, 0.0, 0.3]),
    { kept: 4, at: 200, right: 0, wrong: 1, mean: 0.3, low: 0.01, high: 0.8 },
  ],
  firstWrong: { step: 3, start: 100, end: 150, within: 0.95 },
  anchors: [],
};
const plain: TraceContent = { text: 'x'.repeat(200), segments: [], spans: [], candidates: [], own: [], steps: [] };
const content: TraceContent = { ...plain, ...defined({ suggested: VALUES.firstWrong }) };

function shown(values: ShownStepValues | undefined, of: TraceContent) {
  const element = document.createElement('div');
  const gone: number[] = [];
  const line = new ValueLine(element, (offset) => gone.push(offset));
  line.show(values, of);
  const marks = (look: string): HTMLElement[] => [...element.querySelectorAll<HTMLElement>(`.${look}`)];
  return { element, gone, line, marks };
}

test('each measured place has a dot at its value, with its interval', () => {
  const { marks } = shown(VALUES, content);
  expect(marks('value-dot').map(({ style: { top, left } }) => [top, left])).toEqual([
    ['50.000%', '80.000%'],
    ['75.000%', '10.000%'],
    // The value of the end is that of its answer, which is wrong.
    ['100.000%', '0.000%'],
  ]);
  expect(marks('value-interval').map(({ style: { left, width } }) => [left, width])).toEqual([
    ['55.000%', '39.000%'],
    ['0.000%', '30.000%'],
  ]);
  expect(marks('value-dot')[0]?.title).toBe('after 2 steps: 7 of 8 right, 80 % (55 % to 94 %)');
});

test('the largest drop is marked where the suggested step begins, and leads there', () => {
  const { marks, gone } = shown(VALUES, content);
  const [drop, ...more] = marks('value-drop');
  expect([drop?.style.top, drop?.title, more]).toEqual([
    '50.000%',
    'First wrong step? Step 3 of 4: 80 % before it, 5 % after it',
    [],
  ]);
  drop?.click();
  marks('value-dot')[1]?.click();
  expect(gone).toEqual([100, 150]);
});

test('without a suggestion there is no drop, and without values no line', () => {
  const { element, line, marks } = shown(VALUES, plain);
  expect(marks('value-drop')).toEqual([]);
  line.show(undefined, content);
  expect([element.hidden, element.childElementCount]).toEqual([true, 0]);
});

test('a thought anchor has its step with rendered maths', () => {
  const text = 'So $2^3 = 8$ holds.';
  const anchor = { first: 1, last: 1, start: 0, end: text.length, before: 0.2, after: 0.9, chance: 0.99 };
  const item = { values: { ...VALUES, anchors: [anchor] }, state: { text } } as unknown as ReviewItem;
  const element = document.createElement('div');
  render(valuesView(item, { go: () => undefined, goToStep: () => undefined }), element);
  expect(element.querySelector('.anchors .link')?.textContent).toBe('step 1: 20 % → 90 %');
  expect(element.querySelectorAll('.anchors .step-start .katex')).toHaveLength(1);
});
