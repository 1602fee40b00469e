// @vitest-environment happy-dom
import './standards-mode.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import type { Chain } from '../../../src/core/schemas/index.ts';
import type { FromReader, ShownFilter, Snapshot } from '../../../src/protocol/review.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

// The toolkit's components need layout, which this document has not; the page needs none of them here.
vi.mock('@vscode/webview-ui-toolkit', () => ({
  provideVSCodeDesignSystem: () => ({ register: () => undefined }),
  vsCodeButton: () => undefined,
  vsCodeTextArea: () => undefined,
  vsCodeTextField: () => undefined,
}));

const wrong: Partial<Chain> = {
  verdict: { outcome: 'incorrect', method: 'number', extracted: '13' },
  filters: [
    { id: 'final-correct', passed: false, value: 'incorrect', threshold: 'correct' },
    { id: 'repetition', passed: false, value: 0.4, threshold: 0.1 },
  ],
  passed: false,
};

/** Milliseconds by which the clock of the page is put forward. */
let ahead = 0;
const clock = performance.now.bind(performance);
vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
/** Long enough to read a question. */
const wait = (): number => (ahead += 500);

const posted: FromReader[] = [];
const acts = (): string[] => posted.flatMap((message) => (message.type === 'act' ? [message.act.act] : []));
const question = (): string => document.querySelector('.question')?.textContent ?? '';

async function show(chains: Chain[], at = 0, rest: Partial<Snapshot> = {}): Promise<void> {
  const source = new MemorySource(chains);
  const item = async (index: number) => (await source.item(chains[index]?.id ?? '')) ?? null;
  const snapshot: Snapshot = {
    type: 'snapshot',
    ack: 1_000_000,
    position: at + 1,
    total: chains.length,
    all: chains.length,
    counts: { accepted: 0, rejected: 0, skipped: 0, pending: chains.length },
    reviewer: 'tester',
    dataset: 'file:///d',
    filters: [],
    item: await item(at),
    next: await item(at + 1),
    previous: await item(at - 1),
    ...rest,
  };
  window.dispatchEvent(new MessageEvent('message', { data: snapshot }));
}

function press(key: string, rest: KeyboardEventInit = {}): void {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...rest }));
}

// One page for all: it listens at the window for as long as that is there.
beforeAll(async () => {
  const api = {
    postMessage: (message: FromReader) => posted.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  vi.stubGlobal('acquireVsCodeApi', () => api);
  vi.stubGlobal('Highlight', class extends Set {});
  vi.stubGlobal('CSS', { ...globalThis.CSS, highlights: new Map() });
  document.body.innerHTML = '<div id="reader"></div>';
  const { ReaderApp } = await import('../../../webview/review/app.ts');
  const { Host } = await import('../../../webview/review/host.ts');
  const { buildSkeleton } = await import('../../../webview/review/skeleton.ts');
  const root = document.getElementById('reader');
  if (root) new ReaderApp(new Host(), buildSkeleton(root));
});

beforeEach(() => {
  // As a click does: without it, keys right after the page was built are ignored.
  window.dispatchEvent(new Event('pointerdown'));
  posted.length = 0;
});
afterEach(() => press('Escape'));

describe('accepting a chain', () => {
  test('one that is graded incorrect is asked about once, and the same key confirms', async () => {
    await show([{ ...chainOf('c1'), ...wrong }, chainOf('c2')]);
    press('a');
    expect(acts()).toEqual([]);
    expect(question()).toBe('Accept although graded incorrect and filtered out? Press A again');
    expect(document.querySelector('.question')?.getAttribute('role')).toBe('alert');
    wait();
    press('a');
    expect(acts()).toEqual(['accept']);
    expect(question()).toBe('');
  });

  test('a key that is held down does not confirm', async () => {
    await show([{ ...chainOf('c3'), ...wrong }]);
    press('a');
    wait();
    press('a', { repeat: true });
    expect(acts()).toEqual([]);
  });

  test('Enter that is held down on a button presses it once', async () => {
    await show([{ ...chainOf('c3'), ...wrong }]);
    const enter = { key: 'Enter', repeat: true, bubbles: true, cancelable: true };
    expect(document.querySelector('.key-button')?.dispatchEvent(new KeyboardEvent('keydown', enter))).toBe(false);
  });

  test('an accept within 500 ms of the question does not confirm it', async () => {
    await show([{ ...chainOf('c10'), ...wrong }]);
    press('a');
    press('a');
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'perform', action: 'accept' } }));
    document.querySelector<HTMLElement>('.key-button')?.click();
    expect(acts()).toEqual([]);
    expect(question()).toContain('graded incorrect');
    wait();
    document.querySelector<HTMLElement>('.key-button')?.click();
    expect(acts()).toEqual(['accept']);
  });

  test('keys pressed while the next chain loads ask about it and do not confirm', async () => {
    const chains = [chainOf('c11'), { ...chainOf('c12'), ...wrong }];
    await show(chains, 0, { next: null });
    press('a');
    press('a');
    wait();
    press('a');
    expect(acts()).toEqual(['accept']);
    await show(chains, 1);
    expect(acts()).toEqual(['accept']);
    expect(question()).toContain('graded incorrect');
    wait();
    press('a');
    expect(acts()).toEqual(['accept', 'accept']);
  });

  test('any other key withdraws the question', async () => {
    await show([{ ...chainOf('c4'), ...wrong }]);
    press('a');
    press('t');
    expect(question()).toBe('');
    press('a');
    expect(acts()).toEqual([]);
  });

  test('the question is about the chain that is shown', async () => {
    const chains = [
      { ...chainOf('c5'), ...wrong },
      { ...chainOf('c6'), ...wrong },
    ];
    await show(chains);
    press('a');
    await show(chains, 1);
    expect(question()).toBe('');
    press('a');
    expect(acts()).toEqual([]);
  });

  test('a correct chain that passed its filters is accepted immediately', async () => {
    await show([chainOf('c7'), chainOf('c8')]);
    press('a');
    expect(acts()).toEqual(['accept']);
  });

  test('the palette command asks as the key does', async () => {
    await show([{ ...chainOf('c9'), ...wrong }]);
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'perform', action: 'accept' } }));
    expect(acts()).toEqual([]);
    expect(question()).toContain('graded incorrect');
  });
});

describe('truncated replies', () => {
  const at = { round: '1-a', class: 'FT', tokens: 10, text: 'So it is', decision: 'pending' } as const;

  test('are named in the list of samples, neither correct nor incorrect', async () => {
    await show([chainOf('t1')]);
    const samples = [
      { ...at, chainId: 't2', outcome: 'incorrect', answer: '7', ended: 'answered' },
      { ...at, chainId: 't3', outcome: 'incorrect', answer: '8', ended: 'truncated' },
      { ...at, chainId: 't4', outcome: 'incorrect', ended: 'truncated' },
    ];
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'samples', problemId: 'p', samples } }));
    const rows = [...document.querySelectorAll('[role="option"] > :first-child')];
    expect(rows.map((row) => row.textContent)).toEqual([
      '7 · incorrect',
      '8 · truncated',
      'truncated, no final answer',
    ]);
    expect(rows.map((row) => row.className)).toEqual(['outcome-incorrect', 'outcome-truncated', 'outcome-truncated']);
    document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
  });

  test('are named in the question on accept', async () => {
    const pieces = [{ piece: 'answer[1]' as const, finish: 'length', verdict: wrong.verdict }];
    await show([{ ...chainOf('t5'), ...wrong, pieces: pieces as Chain['pieces'] }]);
    press('a');
    expect(question()).toBe('Accept although truncated and filtered out? Press A again');
  });
});

describe('questions above the footer', () => {
  const labels = (): string[] =>
    [...document.querySelectorAll('.ask vscode-button')].map((one) => one.textContent ?? '');

  test.each([
    ['r', 'Reject Enter'],
    ['w', 'Overrule Enter'],
    ['m', 'Save Enter'],
  ])('key %s: the buttons name the keys that confirm and cancel', async (key, label) => {
    await show([chainOf('q1')]);
    press(key);
    expect(labels()).toEqual([label, 'Cancel Esc']);
    document.querySelector('.ask')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(labels()).toEqual([]);
  });
});

test.each(['1', 'x', ']', '.', 'c'])('key %s that can do nothing is announced', async (key) => {
  await show([chainOf(`d-${key}`, 'No span and no answer.')]);
  press('Escape');
  press(key);
  // What the host sends for a problem with one sample.
  const none = { type: 'samples', problemId: 'p', samples: [] };
  if (posted.some(({ type }) => type === 'compare')) window.dispatchEvent(new MessageEvent('message', { data: none }));
  expect(document.querySelector('.toast[role=alert]')?.textContent).not.toBe('');
  expect(acts()).toEqual([]);
});

describe('an empty queue', () => {
  const words = (): string => document.querySelector('.empty')?.textContent ?? '';

  const nothing: [ShownFilter[], number, string][] = [
    [[], 0, 'This dataset has no chains yet. Generate chains, or import traces.'],
    [
      [{ clause: { field: 'round', op: '=', values: ['1-dialogue'] }, label: 'Round: 1-dialogue' }],
      58,
      'Round 1-dialogue has no chains. Show Round in the palette explains why. New chains appear here while the round runs.',
    ],
    [
      [{ clause: { field: 'class', op: '=', values: ['FT'] }, label: 'Class: FT · wrong, then right' }],
      58,
      'None of 58 chains matches. Remove a filter to see more.',
    ],
  ];
  test.each(nothing)('explains why it shows nothing: filters %j of %i chains', async (filters, all, expected) => {
    await show([], 0, { filters, total: 0, all, position: 0 });
    expect(words()).toBe(expected);
  });

  test('reports a chain that can’t be read', async () => {
    await show([], 0, { total: 3, all: 58, position: 2 });
    expect(words()).toBe('This chain can’t be read. Press n for the next one.');
  });
});

describe('the ribbon', () => {
  const strips = (): number => document.querySelector('.ribbon')?.childElementCount ?? 0;

  test('is empty in an empty queue', async () => {
    await show([chainOf('r1')]);
    expect(strips()).toBeGreaterThan(0);
    await show([]);
    expect(strips()).toBe(0);
  });
});

describe('the outline', () => {
  const text = 'Add them up: 12. Wait, check that again.';
  const runs: PhaseRun[] = [
    { phase: 'implement', start: 0, end: 17, firstEnd: 17, sentences: 1 },
    { phase: 'verify', start: 17, end: 40, firstEnd: 40, sentences: 1 },
  ];
  const drawer = (): HTMLDialogElement | null => document.querySelector('dialog.outline');
  const rows = (): string[] =>
    [...document.querySelectorAll('.outline [role="option"]')].map(
      (row) => row.querySelector('.name')?.textContent ?? '',
    );
  const chosen = (): string => document.querySelector('.outline [aria-selected="true"] .name')?.textContent ?? '';
  const answer = (request: number, found: PhaseRun[]): boolean =>
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'phases', request, runs: found } }));
  const asked = () => posted.flatMap((message) => (message.type === 'phases' ? [message] : []));
  const type = (key: string): void => {
    const input = drawer()?.querySelector('input');
    input?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  };

  test('asks for the phases once, lists them, and Enter goes to the chosen part', async () => {
    await show([chainOf('o1', text)]);
    press('o');
    expect(drawer()?.open).toBe(true);
    expect(document.querySelector('.outline [role="status"]')?.textContent).toBe('Reading the phases…');
    const [{ request = 0, chainId = '' } = {}] = asked();
    expect(chainId).toBe('o1');
    answer(request + 1, [{ ...runs[0], phase: 'plan' } as PhaseRun]);
    expect(rows()).toEqual([]);
    answer(request, runs);
    expect(rows()).toEqual(['implement', 'verify']);
    expect(document.querySelectorAll('.ribbon > .phase')).toHaveLength(2);
    type('ArrowDown');
    expect(chosen()).toBe('verify');
    const active = drawer()?.querySelector('input')?.getAttribute('aria-activedescendant') ?? '';
    expect(document.getElementById(active)?.getAttribute('aria-selected')).toBe('true');
    type('Enter');
    expect(drawer()?.open).toBe(false);
    expect(document.querySelector('.quiet')?.textContent).toMatch(/^verify, 1 sentence, at 43 %: Wait, check/);
    press('o');
    expect(rows()).toEqual(['implement', 'verify']);
    drawer()?.close();
    expect(asked()).toHaveLength(1);
  });

  test('shows only the parts that match what is typed', async () => {
    await show([chainOf('o2', text)]);
    press('o');
    answer(asked().at(-1)?.request ?? 0, runs);
    const input = drawer()?.querySelector('input');
    if (input) input.value = 'wait';
    input?.dispatchEvent(new Event('input'));
    expect(rows()).toEqual(['verify']);
    expect(document.querySelector('.outline [role="status"]')?.textContent).toBe('1 of 2 parts');
    drawer()?.close();
  });

  test('follows to another chain while it is open, also to one whose phases are known', async () => {
    const chains = [chainOf('o3', text), chainOf('o4', 'Let me check that.')];
    await show(chains);
    press('o');
    answer(asked().at(-1)?.request ?? 0, runs);
    expect(rows()).toEqual(['implement', 'verify']);
    await show(chains, 1);
    expect(rows()).toEqual([]);
    expect(asked().at(-1)?.chainId).toBe('o4');
    answer(asked().at(-1)?.request ?? 0, [{ phase: 'verify', start: 0, end: 18, firstEnd: 18, sentences: 1 }]);
    expect(rows()).toEqual(['verify']);
    await show(chains);
    expect(rows()).toEqual(['implement', 'verify']);
    await show([]);
    expect(drawer()?.open).toBe(false);
  });
});

describe('the head', () => {
  const filters: ShownFilter[] = [
    { clause: { field: 'class', op: '=', values: ['FT'] }, label: 'Class: FT · wrong, then right' },
    { clause: { field: 'round', op: '=', values: ['1-<b>x</b>'] }, label: 'Round: 1-<b>x</b>' },
  ];
  const head = (): string => document.querySelector('.heads')?.textContent?.replace(/\s+/g, ' ') ?? '';

  test('names the filters, and how many chains there are with and without them', async () => {
    await show([chainOf('f1')], 0, { filters, total: 24, all: 5063, position: 3 });
    expect(head()).toContain('chain 3 of 24 ');
    expect(head()).toContain('24 of 5,063 chains match');
    expect(head()).not.toContain('filtered');
    expect(head()).toContain('Class: FT · wrong, then right');
    expect(head()).toContain('Round: 1-<b>x</b>');
  });

  test('has a button on each chip that removes the filter', async () => {
    await show([chainOf('f2')], 0, { filters });
    document.querySelector<HTMLElement>('[aria-label="Remove filter Class: FT · wrong, then right"]')?.click();
    expect(posted.findLast(({ type }) => type === 'removeFilter')).toMatchObject({
      clause: { field: 'class', op: '=', values: ['FT'] },
    });
  });

  test('without filters has one row and no word about them', async () => {
    await show([chainOf('f3')], 0, { all: 1203, total: 1203 });
    expect(head()).toContain('chain 1 of 1,203');
    expect(head()).not.toMatch(/filter/);
  });
});

test('a draft that was saved before a reload is discarded after it', async () => {
  const { Desk } = await import('../../../webview/review/desk.ts');
  const { Announcer } = await import('../../../webview/ui/announcer.ts');
  const own = new MemorySource([chainOf('c1')]);
  const draft = { chainId: 'c1', start: 0, end: 16, base: 'Add them up: 12.', value: 'Sum them up: 12.' };
  const afterReload = async () => {
    const desk = new Desk({ announcer: new Announcer(), post() {}, save() {}, focus() {}, changed() {} });
    desk.take((await own.item('c1')) ?? null, draft);
    return desk.draft;
  };
  expect(await afterReload()).toEqual(draft);
  const changes = [{ start: 0, end: 3, insert: 'Sum' }];
  await own.append({ act: 'edit', changes, id: 'e1', at: '', reviewer: own.reviewer, chainId: 'c1' });
  expect(await afterReload()).toBeUndefined();
});
