// @vitest-environment happy-dom
import './standards-mode.ts';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WORKBENCH_KEYS } from '../../../src/protocol/keys.ts';
import type {
  FromWorkbench,
  ToWorkbench,
  TriedPiece,
  WorkbenchPiece,
  WorkbenchSnapshot,
} from '../../../src/protocol/workbench.ts';
import { WorkbenchApp } from '../../../webview/workbench/app.ts';
import { actionFor } from '../../../webview/workbench/keys.ts';
import { ScriptedHost } from './scripted-host.ts';

const tried = (rest: Partial<TriedPiece> = {}): TriedPiece => ({
  piece: 'answer[1]',
  prompt: 'answer-1',
  promptHash: 'a1'.repeat(32),
  take: 0,
  seed: 7,
  key: 'k',
  parents: [],
  messages: [{ role: 'user', content: 'Solve $x+1=2$ <script>alert(1)</script>' }],
  reply: {
    text: 'So $x = 1$. \\boxed{1} <img src=x onerror=alert(1)>',
    reasoning: 'I think of <b>one</b>.',
    finish: 'stop',
    usage: { prompt: 3, completion: 42, estimated: false },
    ms: 1200,
  },
  text: 'So $x = 1$. \\boxed{1} <img src=x onerror=alert(1)>',
  reused: false,
  verdict: { outcome: 'correct', method: 'number', extracted: '1', gold: '1', prediction: '1' },
  ...rest,
});

const piece = (name: string, rest: Partial<WorkbenchPiece> = {}): WorkbenchPiece => ({
  piece: name,
  prompt: 'answer-1',
  promptHash: 'a1'.repeat(32),
  state: 'idle',
  asking: null,
  last: null,
  before: null,
  changed: false,
  stale: false,
  ...rest,
});

const snapshot = (rest: Partial<WorkbenchSnapshot> = {}): WorkbenchSnapshot => ({
  type: 'snapshot',
  dataset: 'd',
  position: 3,
  problems: 9,
  role: 'base',
  model: 'small',
  promptSet: 'full',
  problem: { id: 'p', problem: 'Solve $x+1=2$.', answer: '1' },
  promptsHash: 'b2'.repeat(32),
  pieces: ['answer[1]', 'check[1]', 'answer[2]', 'summary'].map((name) => piece(name)),
  running: false,
  end: null,
  trouble: null,
  trusted: true,
  ...rest,
});

const press = (key: string, rest: KeyboardEventInit = {}): boolean =>
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...rest }));

let host: ScriptedHost<ToWorkbench, FromWorkbench>;
const page = (): string => document.body.textContent?.replace(/\s+/g, ' ') ?? '';
const card = (name: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-piece="${name}"]`);
  if (found === null) throw new Error(`no card ${name}`);
  return found;
};

// One page for all: it listens at the window for as long as that is there.
beforeAll(() => {
  document.body.innerHTML = '<div id="reader"></div>';
  host = new ScriptedHost();
  const root = document.getElementById('reader');
  if (root) new WorkbenchApp(host, root);
});

beforeEach(() => {
  // As a click does: keys right after the page was built are ignored.
  window.dispatchEvent(new Event('pointerdown'));
  document.querySelector('dialog')?.close();
  // The next problem is another one, and begins at its first piece.
  host.send(snapshot({ problem: null, pieces: [] }));
  host.heard.length = 0;
});

test('every key of the registry does its action, and no key two', () => {
  const all = WORKBENCH_KEYS.flatMap(({ keys }) => keys.map((key) => key.toLowerCase()));
  expect(new Set(all).size).toBe(all.length);
  for (const { action, keys } of WORKBENCH_KEYS) {
    for (const name of keys) {
      const parts = name.split('+');
      const event = new KeyboardEvent('keydown', { key: parts.at(-1) ?? '', shiftKey: parts.includes('Shift') });
      expect(actionFor(event), name).toBe(action);
    }
  }
});

describe('the page', () => {
  test('shows a piece with its prompt, hash, call and verdict; what a model wrote is text', () => {
    host.send(snapshot({ pieces: [piece('answer[1]', { last: tried(), changed: true }), piece('check[1]')] }));
    const text = card('answer[1]').textContent?.replace(/\s+/g, ' ') ?? '';
    for (const words of [
      'answer 1',
      'correct',
      'changed',
      'a1a1a1a1',
      'answer-1.md',
      '42 tokens · 1.2 s · seed 7 · stop',
    ]) {
      expect(text).toContain(words);
    }
    expect(card('answer[1]').querySelector('.katex')).not.toBeNull();
    press('i');
    press('T', { shiftKey: true });
    expect(page()).toContain('<script>alert(1)</script>');
    expect(page()).toContain('<img src=x onerror=alert(1)>');
    expect(document.querySelectorAll('script, img, b')).toHaveLength(0);
    expect(card('answer[1]').textContent).toContain('<b>one</b>');
  });

  test('keys speak of the piece that is current, which they move', () => {
    host.send(snapshot());
    press(']');
    press('R', { shiftKey: true });
    press('e');
    press('[');
    press('O', { shiftKey: true });
    expect(host.heard).toEqual([
      { type: 'perform', action: 'runFrom', piece: 'check[1]' },
      { type: 'perform', action: 'edit', piece: 'check[1]' },
      { type: 'perform', action: 'runOne', piece: 'answer[1]' },
    ]);
  });

  test('a key held down does not pay for call after call', () => {
    host.send(snapshot());
    press('z');
    press('z', { repeat: true });
    expect(host.heard.filter(({ type }) => type === 'perform')).toHaveLength(1);
  });

  test('a reply streams into its card, and a snapshot brings what a hidden page missed', () => {
    const asking = { seed: 7, messages: [], text: 'So ', reasoning: '' };
    const pieces = [piece('answer[1]', { state: 'asking', asking }), piece('check[1]', { state: 'waiting' })];
    host.send(snapshot({ running: true, pieces }));
    host.send({ type: 'part', piece: 'answer[1]', text: '$x', reasoning: '' });
    expect(card('answer[1]').querySelector('.streaming')?.textContent).toBe('So $x');
    const whole = { ...asking, text: 'So $x = 1$' };
    host.send(snapshot({ running: true, pieces: [piece('answer[1]', { state: 'asking', asking: whole })] }));
    expect(card('answer[1]').querySelector('.streaming')?.textContent).toBe('So $x = 1$');
    expect(document.querySelector('.foot')?.textContent).toContain('Stop');
  });

  test('the chain shows what is trained, its class and the filters', () => {
    const filters = [
      { id: 'finished', passed: true, value: true, threshold: null },
      { id: 'one-box', passed: false, value: 2, threshold: 1, reason: 'The last piece has two boxes.' },
    ];
    const chain = {
      text: 'First. Then.',
      segments: [
        { piece: 'answer[1]', start: 0, end: 7, train: false },
        { piece: 'summary', start: 7, end: 12, train: true },
      ],
      filters,
      passed: false,
      verdict: { outcome: 'correct' as const, method: 'number' as const },
    };
    host.send(snapshot({ end: { class: 'FT', chain, notes: [] } }));
    const text = card('chain').textContent?.replace(/\s+/g, ' ') ?? '';
    for (const words of [
      'FT',
      'filtered out',
      'one-box',
      'The last piece has two boxes.',
      'answer 1 not trained',
      'summary trained',
    ]) {
      expect(text).toContain(words);
    }
  });

  test('two runs are shown side by side with the changes in the prompt', () => {
    const before = tried({ key: 'old', messages: [{ role: 'user', content: 'Solve it.' }], text: 'It is 2.' });
    const last = tried({ messages: [{ role: 'user', content: 'Solve it briefly.' }] });
    host.send(snapshot({ pieces: [piece('answer[1]', { last, before })] }));
    press('c');
    const sheet = document.querySelector('dialog');
    expect(sheet?.open).toBe(true);
    expect(sheet?.querySelector('ins')?.textContent).toBe(' briefly');
    expect(sheet?.textContent).toContain('It is 2.');
  });

  test('without trust it offers no run and shows why', () => {
    host.send(snapshot({ trusted: false }));
    expect(page()).toContain('not trusted');
    const run = [...document.querySelectorAll<HTMLButtonElement>('.foot button')].find((one) =>
      one.textContent?.includes('Run all'),
    );
    expect(run?.disabled).toBe(true);
  });
});
