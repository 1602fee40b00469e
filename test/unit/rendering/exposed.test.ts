// @vitest-environment happy-dom
import './standards-mode.ts';
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../src/core/schemas/index.ts';
import type { Candidate } from '../../../src/protocol/review.ts';
import { TraceView } from '../../../webview/rendering/trace.ts';
import { row } from '../../../webview/ui/rows.ts';
import { rendered } from './dom.ts';

const span = (kind: Span['kind'], start: number, end: number): Span => ({
  id: `${kind}-${start}`,
  kind,
  start,
  end,
  source: 'classifier',
  confidence: 0.9,
});
const candidate = (start: number, end: number, outcome: Candidate['outcome']): Candidate => ({
  start,
  end,
  answer: '5',
  how: 'boxed',
  outcome,
});

describe('what is marked is exposed', () => {
  test('a span is a mark that is named once by its behaviour, though formulas split it', () => {
    const text = 'Check $x=2$ in **both** equations.';
    const { element } = rendered(text, [span('verification', 0, text.length)]);
    const marks = [...element.querySelectorAll('mark.span')];
    expect(marks.length).toBeGreaterThan(1);
    expect(marks.flatMap((mark) => mark.getAttribute('data-name') ?? [])).toEqual(['verification']);
  });

  test('an act is named as such, and the working after it has no second name', () => {
    const text = 'Let me check. With $x=2$ it is 4. So it holds.';
    const acts = [
      { start: 0, end: 13 },
      { start: text.indexOf('So'), end: text.length },
    ];
    const { element } = rendered(text, [{ ...span('verification', 0, text.length), acts }]);
    const marks = [...element.querySelectorAll<HTMLElement>('mark.span')];
    expect(marks.flatMap((mark) => mark.dataset.name ?? [])).toEqual([
      'verification act',
      'verification',
      'verification act',
    ]);
    const textOf = (part: string) =>
      marks.flatMap((mark) => (mark.classList.contains(part) ? (mark.textContent ?? '') : [])).join('|');
    expect(textOf('act')).toBe('Let me check.|So it holds.');
    expect(textOf('working')).toMatch(/^ With .*it is 4\. $/s);
  });

  test('an answer is a mark with its outcome', () => {
    const { element } = rendered(
      'It is 4, no, 5, or 6.',
      [],
      [candidate(6, 7, 'incorrect'), candidate(13, 14, 'correct'), candidate(19, 20, undefined)],
    );
    expect([...element.querySelectorAll('mark.candidate')].map((mark) => mark.getAttribute('data-name'))).toEqual([
      ...['wrong answer', 'right answer', 'answer, not graded'],
    ]);
  });

  test('a fact is an entry of a description list', () => {
    const place = document.createElement('div');
    render(row('gold', '5'), place);
    expect(place.querySelector('dl > dt')?.textContent).toBe('gold');
    expect(place.querySelector('dl > dd')?.textContent).toBe('5');
  });
});

test('a span over several blocks has a label in the margin of each', () => {
  const text = 'One block of text.\n\nAnother block of text.\n\nA third one.';
  const segments = [{ piece: 'trace' as const, start: 0, end: text.length, train: true }];
  const acts = [{ start: 4, end: 18 }];
  const spans = [{ ...span('subgoal', 4, 40), acts, version: '1a2b3c4d' }];
  const trace = new TraceView({ text, segments, spans, candidates: [], own: [], steps: [] });
  for (let work = trace.work(false); work !== undefined; work = trace.work(false)) {
    while (work.next().done !== true);
  }
  const labels = trace.blocks.map(({ element }) => element.querySelector('.reach > .label'));
  expect(labels.map((label) => label?.className)).toEqual(['label subgoal', 'label subgoal continued', undefined]);
  expect(labels[1]?.getAttribute('title')).toBe('subgoal, continued, classifier 1a2b3c4d, confidence 0.90');
});
