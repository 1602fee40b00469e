// @vitest-environment happy-dom
import './standards-mode.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import type { Chain } from '../../../src/core/schemas/index.ts';
import type { Compared, FromReader, ShownFilter, Snapshot } from '../../../src/protocol/review.ts';
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

/** The open form above the footer. Its text field is empty, as the toolkit's is at first. */
function askForm(): Element | null {
  const field = document.querySelector('.ask vscode-text-field');
  if (field !== null) Object.assign(field, { value: '' });
  return document.querySelector('.ask');
}

/** The host's answer to `compare`. */
async function compared(chains: Chain[], ids = chains.map(({ id }) => id)): Promise<Compared> {
  const source = new MemorySource(chains);
  const items = await Promise.all(chains.map(({ id }) => source.item(id)));
  return { type: 'compared', ack: 1_000_000, ids, items: items.filter((item) => item !== undefined) };
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
  vi.stubGlobal('CSS', { ...globalThis.CSS, escape: (name: string) => name, highlights: new Map() });
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
    expect(question()).toBe(
      'Accept although graded incorrect and filtered out? Press A again, or Shift+W with a reason',
    );
    expect(document.querySelector('.question')?.getAttribute('role')).toBe('alert');
    wait();
    press('a');
    expect(acts()).toEqual(['accept']);
    expect(question()).toBe('');
  });

  test('Shift+W asks for a reason, which the act has', async () => {
    await show([{ ...chainOf('c20'), ...wrong }, { ...chainOf('c21'), ...wrong }, chainOf('c22')]);
    press('a');
    press('W', { shiftKey: true });
    expect(question()).toBe('');
    const enter = (reason: string): void => {
      const form = askForm();
      Object.assign(form?.querySelector('vscode-text-field') ?? {}, { value: reason });
      form?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    };
    const title = 'Accept although graded incorrect and filtered out, because';
    expect(askForm()?.getAttribute('aria-label')).toBe(title);
    enter(' the gold answer is wrong ');
    const sent = () => posted.flatMap((message) => (message.type === 'act' ? [message.act] : []));
    expect(sent()).toEqual([{ act: 'accept', reason: 'the gold answer is wrong' }]);
    // The reason is optional.
    press('W', { shiftKey: true });
    enter('');
    expect(sent()).toHaveLength(2);
    expect(sent()[1]).toEqual({ act: 'accept' });
  });

  test('a chain that is graded incorrect while its reason is typed is asked about again, with the reason', async () => {
    const grading = { ...chainOf('c23'), ...wrong };
    const item = await new MemorySource([grading]).item('c23');
    if (item === undefined) throw new Error('no item');
    const send = (): FromReader[] => posted.filter(({ type }) => type === 'act');
    const confirm = (form: Element | null): void => {
      form?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    };
    const field = () => document.querySelector<HTMLInputElement>('.ask vscode-text-field');
    await show([grading], 0, { item: { ...item, isGrading: true } });
    press('W', { shiftKey: true });
    expect(askForm()?.getAttribute('aria-label')).toBe('Accept although not graded yet, because');
    Object.assign(field() ?? {}, { value: 'looks right' });
    await show([grading]);
    confirm(document.querySelector('.ask'));
    expect(send()).toEqual([]);
    const form = document.querySelector('.ask');
    expect(form?.getAttribute('aria-label')).toBe('Accept although graded incorrect and filtered out, because');
    expect(field()?.value).toBe('looks right');
    expect(document.querySelector('.toast[role=alert]')?.textContent).toContain('is graded incorrect');
    confirm(form);
    expect(send()).toMatchObject([{ act: { act: 'accept', reason: 'looks right' } }]);
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
  test('are named in the comparison, neither correct nor incorrect', async () => {
    const sample = (id: string, finish: string, extracted?: string): Chain => {
      const verdict = { ...chainOf(id).verdict, outcome: 'incorrect' as const, extracted };
      return { ...chainOf(id), verdict, pieces: [{ piece: 'answer[1]', finish, verdict }] as Chain['pieces'] };
    };
    const chains = [sample('t2', 'stop', '7'), sample('t3', 'length', '8'), sample('t4', 'length')];
    await show(chains);
    press('c');
    window.dispatchEvent(new MessageEvent('message', { data: await compared(chains) }));
    const verdicts = [...document.querySelectorAll('.sample-head strong')];
    expect(verdicts.map((one) => one.textContent)).toEqual([
      '7 · incorrect',
      '8 · truncated',
      'truncated, no final answer',
    ]);
    expect(verdicts.map((one) => one.className)).toEqual([
      'outcome-incorrect',
      'outcome-truncated',
      'outcome-truncated',
    ]);
  });

  test('are named in the question on accept', async () => {
    const pieces = [{ piece: 'answer[1]' as const, finish: 'length', verdict: wrong.verdict }];
    await show([{ ...chainOf('t5'), ...wrong, pieces: pieces as Chain['pieces'] }]);
    press('a');
    expect(question()).toBe('Accept although truncated and filtered out? Press A again, or Shift+W with a reason');
  });
});

describe('questions above the footer', () => {
  const labels = (): string[] =>
    [...document.querySelectorAll('.ask vscode-button')].map((one) => one.textContent ?? '');

  test.each([
    ['r', 'Reject Enter'],
    ['w', 'Overrule Enter'],
    ['m', 'Save Enter'],
    ['#', 'Save Enter'],
    ['@', 'Save Enter'],
  ])('key %s: the buttons name the keys that confirm and cancel', async (key, label) => {
    await show([chainOf('q1')]);
    press(key);
    expect(labels()).toEqual([label, 'Cancel Esc']);
    document.querySelector('.ask')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(labels()).toEqual([]);
  });
});

describe('tags and assignments', () => {
  /** Writes into the open form, and confirms. */
  function write(value: string): void {
    const field = document.querySelector('.ask vscode-text-field');
    if (field !== null) Object.assign(field, { value });
    const enter = { key: 'Enter', bubbles: true, cancelable: true };
    document.querySelector('.ask')?.dispatchEvent(new KeyboardEvent('keydown', enter));
  }

  test('are shown with the reviews, and set by acts on what changed', async () => {
    const chain = chainOf('tagged');
    const item = (await new MemorySource([chain]).item(chain.id)) ?? null;
    if (item === null) throw new Error('no item');
    const state = { ...item.state, tags: ['easy', 'short'], assigned: 'Ben' };
    const others = [{ reviewer: 'Cleo', decision: 'pending' as const, tags: ['long'] }];
    await show([chain], 0, { item: { ...item, state, others } });
    const facts = document.querySelector('#facts')?.textContent ?? '';
    for (const text of ['easy, short', 'Ben', 'Cleo', 'long']) expect(facts).toContain(text);
    press('#');
    write('short, two words');
    press('@');
    write('');
    const made = posted.flatMap((message) => (message.type === 'act' ? [message.act] : []));
    expect(made).toEqual([
      { act: 'tag', tag: 'two words' },
      { act: 'untag', tag: 'easy' },
      { act: 'assign', to: '' },
    ]);
  });

  test('a tag that can’t be stored is refused with the reason', async () => {
    await show([chainOf('untagged')]);
    press('#');
    write('fine, not;fine');
    expect(document.querySelector('.ask [role=status]')?.textContent).toContain('a tag has up to 60 letters');
    expect(acts()).toEqual([]);
  });
});

test.each(['1', 'x', ']', '.', 'c'])('key %s that can do nothing is announced', async (key) => {
  await show([chainOf(`d-${key}`, 'No span and no answer.')]);
  press('Escape');
  press(key);
  // What the host sends for a problem with one sample.
  const none = await compared([chainOf(`d-${key}`)]);
  if (posted.some(({ type }) => type === 'compare')) window.dispatchEvent(new MessageEvent('message', { data: none }));
  expect(document.querySelector('.toast[role=alert]')?.textContent).not.toBe('');
  expect(acts()).toEqual([]);
});

describe('a question above the footer', () => {
  test('is not answered by keys that may be meant for a quick pick', async () => {
    await show([chainOf('q9')]);
    press('r');
    const form = askForm();
    const type = (key: string) =>
      form?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true }));
    // The click of `beforeEach` was long ago.
    ahead += 5_000;
    window.dispatchEvent(new Event('focus'));
    type('1');
    type('Enter');
    expect(acts()).toEqual([]);
    wait();
    type('1');
    type('Enter');
    expect(acts()).toEqual(['reject']);
  });
});

describe('the sentence cursor', () => {
  const text = 'Add them up: 12. Wait, check that again. Yes, 12 is right.';
  const heard = (): string => document.querySelector('.quiet')?.textContent ?? '';
  const ring = (): Element | null => document.querySelector('.sentence-ring');
  const labels = () => posted.flatMap((message) => (message.type === 'act' ? [message.act] : []));
  const shift = (key: string): void => press(key, { shiftKey: true });

  test('goes from sentence to sentence, shows a ring and reads the sentence', async () => {
    await show([chainOf('k1', text)]);
    expect(ring()).toBeNull();
    press('ArrowDown');
    expect(ring()).not.toBeNull();
    expect(ring()?.getAttribute('aria-hidden')).toBe('true');
    press('ArrowUp');
    press('ArrowUp');
    press('ArrowUp');
    expect(heard()).toBe('Sentence 1 of 3: Add them up: 12.');
    press('ArrowUp');
    expect(document.querySelector('.toast')?.textContent).toBe('This is the first sentence.');
    press('ArrowDown');
    expect(heard()).toBe('Sentence 2 of 3: Wait, check that again.');
    expect(document.querySelector('.quiet')?.getAttribute('role')).toBe('status');
    press('Escape');
    expect(ring()).toBeNull();
  });

  test('digits label its sentence, also twice, and Shift extends it', async () => {
    await show([chainOf('k2', text)]);
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown']) press(key);
    press('1');
    await show([chainOf('k2', text)]);
    press('2');
    await show([chainOf('k2', text)]);
    expect(labels()).toEqual([
      { act: 'label', kind: 'verification', start: 17, end: 40 },
      { act: 'label', kind: 'backtracking', start: 17, end: 40 },
    ]);
    shift('ArrowDown');
    expect(heard()).toBe('Sentences 2 to 3 of 3: Yes, 12 is right.');
    press('3');
    await show([chainOf('k2', text)]);
    expect(labels().at(-1)).toEqual({ act: 'label', kind: 'subgoal', start: 17, end: 58 });
    shift('ArrowUp');
    shift('ArrowUp');
    press('4');
    expect(labels().at(-1)).toEqual({ act: 'label', kind: 'backward', start: 0, end: 40 });
  });

  test('x removes the label of its sentence, and a lit span takes its place', async () => {
    const span = { id: 's', kind: 'verification', start: 17, end: 40, source: 'rule', confidence: 1 } as const;
    await show([chainOf('k3', text, [span])]);
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown']) press(key);
    expect(heard()).toBe('Sentence 2 of 3 · verification: Wait, check that again.');
    press(']');
    expect(ring()).toBeNull();
    press('ArrowDown');
    expect(document.querySelector('.focused')).toBeNull();
    // Nothing is on a screen here, so that the cursor begins at the first sentence.
    press('ArrowDown');
    expect(heard()).toMatch(/^Sentence 2 of 3/);
    press('x');
    expect(labels()).toEqual([{ act: 'unlabel', spanId: 's' }]);
  });

  test('stays out of the facts, where the arrow keys scroll', async () => {
    await show([chainOf('k4', text)]);
    const facts = document.querySelector('.facts');
    facts?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }));
    expect(ring()).toBeNull();
  });
});

describe('comparing samples', () => {
  const columns = () => [...document.querySelectorAll<HTMLElement>('.sample')];
  const current = () => columns().findIndex((one) => one.getAttribute('aria-current') === 'true');
  const heads = () =>
    columns().map((one) => one.querySelector('.sample-head')?.textContent?.replace(/\s+/g, ' ') ?? '');
  const sent = (type: FromReader['type']) => posted.filter((message) => message.type === type);
  const heard = () => document.querySelector('.quiet')?.textContent ?? '';
  const send = (data: unknown) => window.dispatchEvent(new MessageEvent('message', { data }));
  const sample = (id: string, rest: Partial<Chain> = {}): Chain => ({ ...chainOf(id), problemId: 'p', ...rest });
  const three = () => [sample('a1', { model: 'big' }), sample('a2', { ...wrong, class: 'FF' }), sample('a3')];

  async function open(chains = three(), ids?: string[]): Promise<void> {
    await show(chains);
    press('c');
    send(await compared(chains, ids));
    posted.length = 0;
  }

  test('c asks for the samples and shows each with verdict, class, model and marks, the text behind left alone', async () => {
    const chains = three();
    await show(chains);
    press('c');
    expect(sent('compare')).toEqual([{ type: 'compare', chainIds: ['a1'], columns: expect.any(Number) }]);
    send(await compared(chains));
    expect(columns()).toHaveLength(3);
    expect(document.querySelector<HTMLElement>('.middle')?.inert).toBe(true);
    expect(heads()[0]).toMatch(/12 · correct.*FT.*big/);
    expect(heads()[1]).toMatch(/13 · incorrect.*FF/);
    expect(columns().map((one) => one.querySelector('.trace')?.textContent)).toEqual(
      Array(3).fill(expect.stringContaining('Add them up: 12.')),
    );
    expect(columns()[1]?.getAttribute('aria-label')).toMatch(/^Sample 2 of 3: 13 · incorrect, class FF, pending/);
    expect(heard()).toMatch(/^Sample 1 of 3: 12 · correct, class FT, pending, model big/);
    press('Escape');
    expect(columns()).toEqual([]);
    expect(document.querySelector<HTMLElement>('.middle')?.inert).toBe(false);
    expect(sent('go')).toEqual([]);
    // A change that the host sent before it knew that the comparison is closed.
    send(await compared(chains));
    expect(columns()).toEqual([]);
  });

  test('keys decide on the current sample, and the reader stays', async () => {
    await open();
    press('ArrowRight');
    expect(current()).toBe(1);
    press('r');
    const form = askForm();
    for (const key of ['2', 'Enter']) form?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    press('n');
    press('a');
    press('a');
    expect(sent('decide').map((message) => 'decisions' in message && message.decisions)).toEqual([
      [{ chainId: 'a2', act: { act: 'reject', reason: 'wrong or missing final answer' } }],
      [{ chainId: 'a3', act: { act: 'accept' } }],
    ]);
    expect(heads()[1]).toContain('rejected');
    expect(heads()[2]).toContain('accepted');
    expect(document.querySelector('.toast')?.textContent).toBe('This sample is accepted already.');
    expect(acts()).toEqual([]);
  });

  test('a rejection names the text that was shown when its form opened', async () => {
    const chains = three();
    await open(chains);
    const keyed = async (key: string) => {
      const message = await compared(chains);
      send({ ...message, items: message.items.map((item) => ({ ...item, textKey: key })) });
    };
    await keyed('before');
    press('r');
    await keyed('after');
    const form = askForm();
    for (const key of ['2', 'Enter']) form?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    expect(sent('decide')).toMatchObject([
      { decisions: [{ chainId: 'a1', textKey: 'before', act: { act: 'reject' } }] },
    ]);
  });

  test('keeping one rejects the others with a reason in one step; one that is graded incorrect is asked about', async () => {
    await open();
    press('k');
    const others = ['a2', 'a3'].map((chainId) => ({ chainId, act: { act: 'reject', reason: 'another sample kept' } }));
    expect(sent('decide')).toMatchObject([{ decisions: [{ chainId: 'a1', act: { act: 'accept' } }, ...others] }]);
    expect(heard()).toContain('Sample 1 of 3 kept, 2 others rejected.');
    press('k');
    expect(sent('decide')).toHaveLength(1);
    press('u');
    expect(sent('undo')).toHaveLength(1);
    await show(three());
    send(await compared(three()));
    press('ArrowRight');
    posted.length = 0;
    press('k');
    expect(question()).toMatch(/^Accept although graded incorrect .* Press K again$/);
    wait();
    press('k');
    expect(sent('decide')).toMatchObject([{ decisions: [{ chainId: 'a1' }, { chainId: 'a2' }, { chainId: 'a3' }] }]);
  });

  test('a held key keeps nothing', async () => {
    await open();
    press('k', { repeat: true });
    expect(sent('decide')).toEqual([]);
  });

  test('other samples take the place of the last one, and samples are added and removed', async () => {
    await open(three().slice(0, 2), ['a1', 'a2', 'a3']);
    press('ArrowRight');
    press('ArrowRight');
    expect(sent('compare').at(-1)).toEqual({ type: 'compare', chainIds: ['a1', 'a3'], columns: 2 });
    send(await compared([sample('a1'), sample('a3')], ['a1', 'a2', 'a3']));
    press('ArrowRight');
    expect(document.querySelector('.toast')?.textContent).toBe('This is the last sample.');
    press('C', { shiftKey: true });
    expect(sent('compare').at(-1)).toEqual({ type: 'compare', chainIds: ['a1', 'a3'], columns: 3 });
    press('X', { shiftKey: true });
    expect(document.querySelector('.toast')?.textContent).toContain('at least two');
  });

  test('c goes back to the reader at the current sample', async () => {
    await open();
    press('ArrowRight');
    press('c');
    expect(columns()).toEqual([]);
    expect(sent('go')).toMatchObject([{ to: { chainId: 'a2' } }]);
    await show(three(), 1);
  });

  test('differences are counted and announced, and other keys of the reader are dead ends', async () => {
    await open([sample('a1'), sample('a2', { text: 'Sum them up: 12. Wait, check that again.' })]);
    press('h');
    expect(heard()).toBe('1 sentence is in this sample only.');
    const painted = () => CSS.highlights.get('differs')?.size;
    expect(painted()).toBeGreaterThan(0);
    // Closed and opened again, they are still painted.
    press('Escape');
    expect(painted()).toBe(0);
    await open([sample('a1'), sample('a2', { text: 'Sum them up: 12. Wait, check that again.' })]);
    expect(painted()).toBeGreaterThan(0);
    press('h');
    expect(heard()).toBe('Differences hidden.');
    press('e');
    expect(document.querySelector('.toast')?.textContent).toContain('return to the reader first');
    expect(document.querySelector('.edit')).toBeNull();
  });

  test('its keys do nothing in the reader but name the way', async () => {
    await show(three());
    press('k');
    expect(document.querySelector('.toast')?.textContent).toBe('Press C to compare samples first.');
    expect(posted).toEqual([]);
  });
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
  await own.append([{ act: 'edit', changes, id: 'e1', at: '', reviewer: own.reviewer, chainId: 'c1' }]);
  expect(await afterReload()).toBeUndefined();
});
