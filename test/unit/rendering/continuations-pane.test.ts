// @vitest-environment happy-dom
import './standards-mode.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Continuation } from '../../../src/protocol/continuation.ts';
import type { FromReader } from '../../../src/protocol/review.ts';
import { ContinuationsPane } from '../../../webview/review/continuations/continuations-pane.ts';
import { Announcer } from '../../../webview/ui/announcer.ts';

let place: HTMLElement;
let pane: ContinuationsPane;
let posted: FromReader[];
let announcer: Announcer;

beforeEach(() => {
  place = document.createElement('section');
  announcer = new Announcer();
  document.body.replaceChildren(place, announcer.quiet);
  posted = [];
  pane = new ContinuationsPane({
    ...{ place, announcer },
    post: (message) => posted.push(message),
    focus: () => document.body.focus(),
  });
  pane.follow('c');
  pane.begin({ chainId: 'c', at: 20, samples: 3, model: 'scripted' });
});
afterEach(() => document.body.replaceChildren());

function finish(index: number, text: string, outcome: 'correct' | 'incorrect' = 'correct'): void {
  const verdict: Continuation['verdict'] = { outcome, method: 'none' };
  const ended = text === '' ? ('empty' as const) : ('answered' as const);
  pane.take({ type: 'done', continuation: { index, key: `k${index}`, text, ended, verdict, tokens: 4 } });
}

const button = (name: string, within: ParentNode = place): HTMLButtonElement | undefined =>
  [...within.querySelectorAll('button')].find(({ textContent }) => textContent === name);
const cards = () => [...place.querySelectorAll<HTMLElement>('.continuation')];
const statuses = () => cards().map((card) => card.querySelector('.chip')?.textContent);
/** Whether each card can be kept, and written into the chain. */
const usable = () =>
  cards().map((card) =>
    ['Keep as New Chain', 'Write into Chain'].map((name) => button(name, card)?.disabled === false),
  );
const NO = [false, false];
const YES = [true, true];

test('each can be used as soon as it has ended with a text, while others are written', () => {
  pane.take({ type: 'part', index: 0, text: ' 15' });
  expect([statuses(), usable()]).toEqual([Array(3).fill('running'), [NO, NO, NO]]);
  expect(cards()[0]?.textContent).toContain('15');
  finish(1, ' 15, so $\\boxed{15}$.');
  finish(2, '');
  expect(usable()).toEqual([NO, YES, NO]);
  const [, card] = cards();
  button('Keep as New Chain', card)?.click();
  button('Write into Chain', card)?.click();
  expect(posted).toEqual([
    { type: 'takeContinuation', how: 'keep', index: 1 },
    { type: 'takeContinuation', how: 'write', index: 1 },
  ]);
});

test('Stop ends the open requests and keeps the finished ones, which Discard removes', () => {
  finish(1, ' 15.');
  expect(button('Discard')?.disabled).toBe(true);
  button('Stop')?.focus();
  button('Stop')?.click();
  window.dispatchEvent(new Event('focus'));
  expect(posted).toEqual([{ type: 'stopContinuing' }]);
  expect(statuses()).toEqual(['not finished', 'correct', 'not finished']);
  expect(usable()).toEqual([NO, YES, NO]);
  expect(announcer.quiet.textContent).toBe('1 continuation, 1 correct.');
  expect([button('Stop'), pane.hasFocus]).toEqual([undefined, true]);
  button('Discard')?.click();
  expect([place.hidden, posted.length]).toEqual([true, 1]);
});

test('Esc stops first, and then discards', () => {
  finish(0, ' 14.', 'incorrect');
  expect(pane.close()).toBe(true);
  expect(statuses()).toEqual(['incorrect', 'not finished', 'not finished']);
  expect(pane.close()).toBe(true);
  expect(place.hidden).toBe(true);
  expect(pane.close()).toBe(false);
  expect(posted).toEqual([{ type: 'stopContinuing' }]);
});

test('refusals and errors are shown, and a repeated request starts over', () => {
  pane.take({ type: 'part', index: 0, text: 'old' });
  pane.take({ type: 'part', index: 0, text: '', restarts: true });
  pane.take({ type: 'part', index: 0, text: 'new' });
  pane.take({ type: 'refused', index: 1, reason: 'Blocked by the host.' });
  pane.end('The server is gone.');
  expect(cards()[0]?.querySelector('.continuation-text')?.textContent).toBe('new');
  expect(cards()[1]?.textContent).toContain('Blocked by the host.');
  expect(statuses()).toEqual(['not finished', 'refused', 'not finished']);
  expect(place.querySelector('[role=alert]')?.textContent).toBe('The server is gone.');
  expect(usable()).toEqual([NO, NO, NO]);
});

test('the continuations of another chain are hidden until it is shown again', () => {
  pane.follow('other');
  expect([place.hidden, pane.close(), posted]).toEqual([true, false, []]);
  pane.follow('c');
  expect([place.hidden, cards().length]).toEqual([false, 3]);
});
