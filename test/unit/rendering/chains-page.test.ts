// @vitest-environment happy-dom
import './standards-mode.ts';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_LAYOUT } from '../../../src/core/review/table/columns.ts';
import type { ChainsSnapshot, ChainTableRow, FromChainsPage, ToChainsPage } from '../../../src/protocol/chains.ts';
import { showCell } from '../../../webview/chains/cursor.ts';
import { bodyHeight, ROW_HEIGHT, windowAt } from '../../../webview/chains/rows.ts';

/** Milliseconds by which the clock of the page is put forward: letters are ignored for half a second after the page got the focus. */
let ahead = 0;
const clock = performance.now.bind(performance);
vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);

const posted: FromChainsPage[] = [];
const last = <T extends FromChainsPage['type']>(type: T) =>
  posted.findLast((message): message is Extract<FromChainsPage, { type: T }> => message.type === type);

const rowOf = (at: number): ChainTableRow => ({
  ...{ id: `chain-${at}`, problemId: `p${at}`, problem: `Problem ${at}`, verdict: 'correct', tokens: 100 + at },
  ...{ filters: [], findings: [], decisions: [], tags: [], assigned: [] },
});
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => rowOf(from + at));

let version = 0;
const snapshot = (rest: Partial<ChainsSnapshot> = {}): ChainsSnapshot => ({
  ...{
    type: 'snapshot',
    dataset: 'sample',
    reviewer: 'Ada',
    request: 1_000_000,
    version: ++version,
    query: '',
    clauses: [],
  },
  ...{ sort: null, columns: DEFAULT_LAYOUT.map(({ id }) => id), layout: DEFAULT_LAYOUT, total: 1000, all: 5063 },
  ...{ selected: [], facets: [], fields: [], views: [], canUndo: false, canRedo: false, offset: 0, rows: rows(0, 80) },
  ...rest,
});

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
async function send(message: ToChainsPage): Promise<void> {
  window.dispatchEvent(new MessageEvent('message', { data: message }));
  await frame();
  await frame();
}

const grid = (): HTMLElement => {
  const found = document.querySelector<HTMLElement>('[role="grid"]');
  if (found === null) throw new Error('there is no grid');
  return found;
};
const active = () => document.getElementById(grid().getAttribute('aria-activedescendant') ?? '');
const activeRow = () => Number(active()?.closest('[role="row"]')?.getAttribute('aria-rowindex')) - 2;

async function press(key: string, rest: KeyboardEventInit = {}, target: HTMLElement = grid()): Promise<void> {
  target.focus();
  ahead += 1000;
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...rest }));
  await frame();
  await frame();
}

// One page for all: it listens at the window for as long as that is there.
beforeAll(async () => {
  const api = {
    postMessage: (message: FromChainsPage) => posted.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  vi.stubGlobal('acquireVsCodeApi', () => api);
  document.body.innerHTML = '<div id="reader"></div>';
  const { ChainsApp } = await import('../../../webview/chains/app.ts');
  const { PageHost } = await import('../../../webview/ui/page-host.ts');
  const { ToChainsPage } = await import('../../../src/protocol/chains.ts');
  const root = document.getElementById('reader');
  if (root) new ChainsApp(new PageHost(ToChainsPage), root);
});

beforeEach(async () => {
  await send(snapshot());
  await press('Escape');
  await press('Home');
  posted.length = 0;
});

describe('the page of the chain table', () => {
  it('has the roles and indexes of all rows, and only those near the screen', () => {
    expect(grid().getAttribute('aria-rowcount')).toBe('1001');
    expect(grid().getAttribute('aria-colcount')).toBe(String(DEFAULT_LAYOUT.length + 1));
    const shown = [...document.querySelectorAll('.grid-window > [role="row"]')];
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.length).toBeLessThan(200);
    expect(shown[0]?.getAttribute('aria-rowindex')).toBe('2');
    const heads = [...document.querySelectorAll('[role="columnheader"]')];
    expect(heads).toHaveLength(DEFAULT_LAYOUT.length + 1);
    for (const head of heads) expect(head.textContent?.trim() || head.getAttribute('aria-label')).toBeTruthy();
    expect(document.querySelector('.count')?.textContent).toBe('1,000 of 5,063 chains');
  });

  it('moves by arrows, Home, End and pages, and opens a chain by Enter', async () => {
    await press('ArrowDown');
    await press('ArrowDown');
    expect(activeRow()).toBe(2);
    await press('ArrowRight');
    expect(active()?.getAttribute('aria-colindex')).toBe('3');
    await press('ArrowUp');
    await press('Enter');
    expect(last('open')).toEqual({ type: 'open', chainId: 'chain-1' });
    await press('PageDown');
    expect(activeRow()).toBeGreaterThan(1);
    await press('Home');
    expect(activeRow()).toBe(0);
  });

  it('selects by Space, Shift and Ctrl+A, and deselects by Escape', async () => {
    await press('ArrowDown');
    await press(' ');
    expect(last('select')?.ranges).toEqual([[1, 1]]);
    await press('ArrowDown', { shiftKey: true });
    await press('ArrowDown', { shiftKey: true });
    expect(last('select')?.ranges).toEqual([[1, 3]]);
    expect(document.querySelectorAll('[role="row"][aria-selected="true"]')).toHaveLength(3);
    await press('a', { ctrlKey: true });
    expect(last('select')?.ranges).toEqual([[0, 999]]);
    expect(document.querySelector('.foot [role="status"]')?.textContent).toBe('1,000 selected');
    await press('Escape');
    expect(last('select')?.ranges).toEqual([]);
  });

  it('asks for the rows that it lacks, once, and ignores those of another list', async () => {
    await send(snapshot({ rows: rows(0, 3), offset: 0 }));
    const asked = posted.filter(({ type }) => type === 'rows');
    expect(asked).toHaveLength(1);
    expect(last('rows')).toMatchObject({ version, offset: 3 });
    await send({ type: 'rows', version: version - 1, offset: 3, rows: [{ ...rowOf(3), problem: 'of another list' }] });
    expect(grid().textContent).not.toContain('of another list');
    await send({ type: 'rows', version, offset: 3, rows: rows(3, 80) });
    expect(grid().textContent).toContain('Problem 5');
  });

  it('saves no view without a name, and explains that', async () => {
    const views = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Views…');
    views?.click();
    const field = document.querySelector<HTMLInputElement>('#view-name');
    const save = (name: string): void => {
      if (field === null) throw new Error('there is no field');
      field.value = name;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    };
    save('!?');
    expect(last('saveView')).toBeUndefined();
    expect(field?.validationMessage).toContain('a letter or a digit');
    save('wrong at level 5');
    expect(last('saveView')).toMatchObject({ name: 'wrong at level 5' });
  });

  it('sorts by a column and turns the order around without a mouse', async () => {
    const order = () => document.querySelector<HTMLSelectElement>('.order select');
    const direction = () => document.querySelector<HTMLButtonElement>('.order + .head-button');
    const titles = [...(order()?.options ?? [])].map((option) => option.textContent);
    expect(titles).toEqual(expect.arrayContaining(['As stored', 'Random', 'By Tokens', 'By Problem']));
    const select = order();
    if (select === null) throw new Error('there is no order');
    select.value = 'verdict';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    expect(last('find')?.sort).toEqual({ column: 'verdict', descending: false });
    await send(snapshot({ request: last('find')?.request ?? 0, sort: { column: 'verdict', descending: false } }));
    expect(order()?.value).toBe('verdict');
    direction()?.click();
    expect(last('find')?.sort).toEqual({ column: 'verdict', descending: true });
    await send(snapshot({ request: last('find')?.request ?? 0, sort: { column: 'verdict', descending: true } }));
    expect(direction()?.textContent).toContain('Descending');
    const hidden = { column: 'model' as const, descending: false };
    expect([...(order()?.options ?? [])].map(({ value }) => value)).not.toContain('model');
    await send(snapshot({ request: last('find')?.request ?? 0, sort: hidden }));
    expect(order()?.value).toBe('model');
  });

  it('sorts by a column: ascending, descending, and as stored', async () => {
    const tokens = () => document.querySelector<HTMLElement>('[title="Sort by Tokens"]');
    tokens()?.click();
    expect(last('find')).toMatchObject({ query: '', sort: { column: 'tokens', descending: false } });
    await send(snapshot({ request: last('find')?.request ?? 0, sort: { column: 'tokens', descending: false } }));
    expect(tokens()?.closest('[role="columnheader"]')?.getAttribute('aria-sort')).toBe('ascending');
    tokens()?.click();
    expect(last('find')?.sort).toEqual({ column: 'tokens', descending: true });
    await send(snapshot({ request: last('find')?.request ?? 0, sort: { column: 'tokens', descending: true } }));
    tokens()?.click();
    expect(last('find')?.sort).toBeNull();
  });

  it('announces the count after a query, and the order after a sort', async () => {
    const heard = () => document.querySelector('.quiet[role="status"]')?.textContent;
    const answered = async (rest: Parameters<typeof snapshot>[0]) => {
      await send(snapshot({ request: 1000, ...rest }));
      return heard();
    };
    expect(await answered({ query: 'class = FT', total: 7 })).toBe('7 of 5,063 chains');
    const found = { query: 'class = FT', total: 7 };
    expect(await answered({ ...found, sort: { column: 'tokens', descending: true } })).toBe(
      'Sorted by Tokens, descending.',
    );
    expect(await answered({ ...found, sort: { by: 'random', seed: 7 } })).toBe('Random, seed 7.');
    expect(await answered({ ...found, sort: { by: 'uncertain' } })).toBe('Uncertain first.');
    expect(await answered({ ...found, sort: null })).toBe('As stored.');
    expect(document.querySelectorAll('.head [role="status"]')).toHaveLength(0);
  });

  it('shows an error at the query, and keeps the list', async () => {
    const input = document.querySelector<HTMLInputElement>('#query');
    if (input === null) throw new Error('there is no query');
    input.value = 'nothing = 1';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await press('Enter', {}, input);
    const request = last('find')?.request ?? 0;
    expect(last('find')?.query).toBe('nothing = 1');
    await send({ type: 'refused', request, message: 'There is no field “nothing”.', start: 0, end: 7 });
    const error = document.querySelector<HTMLElement>('#query-error');
    expect(error?.hidden).toBe(false);
    expect(error?.textContent).toContain('There is no field');
    expect(error?.querySelector('mark')?.textContent).toBe('nothing');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(grid().getAttribute('aria-rowcount')).toBe('1001');
    await send(snapshot({ request }));
    expect(document.querySelector<HTMLElement>('#query-error')?.hidden).toBe(true);
  });

  it('removes a clause by its chip, and adds values by facets', async () => {
    const clauses = [
      { text: 'class = FT', label: 'Class: FT' },
      { text: 'level = 5', label: 'Level: 5' },
    ];
    const values = [{ value: 'FT', label: 'FT · wrong, then right', count: 12, chosen: true }];
    await send(
      snapshot({ query: 'class = FT and level = 5', clauses, facets: [{ field: 'class', title: 'Class', values }] }),
    );
    document.querySelector<HTMLElement>('[aria-label="Remove filter Class: FT"]')?.click();
    expect(last('find')?.query).toBe('level = 5');
    const facet = document.querySelector<HTMLElement>('.facet-value');
    expect(facet?.getAttribute('aria-pressed')).toBe('true');
    facet?.click();
    expect(last('choose')).toMatchObject({ field: 'class', value: 'FT', how: 'toggle' });
  });

  it('shows the plan of an act before it is done', async () => {
    await press('a');
    expect(last('plan')).toMatchObject({ kind: 'accept', chainId: 'chain-0' });
    const button = () => document.querySelector<HTMLButtonElement>('dialog[open] button.primary');
    expect(button()?.disabled).toBe(true);
    const description = 'Accept 1 chain: 1 pending.';
    await send({ type: 'plan', kind: 'accept', text: '', suggestions: [], description, count: 1, ready: true });
    expect(document.querySelector('dialog[open]')?.textContent).toContain('Accept 1 chain: 1 pending.');
    // Letters go to no other act while the plan is shown.
    await press('r', {}, document.body);
    expect(posted.filter(({ type }) => type === 'plan')).toHaveLength(1);
    expect(last('apply')).toBeUndefined();
    button()?.click();
    expect(last('apply')).toMatchObject({ kind: 'accept', text: '' });
    expect(document.querySelector('dialog[open]')).toBeNull();
  });
});

describe('the rows on the screen', () => {
  const height = 600;
  it.each([0, 1, 30, 1000, 1_300_000, 5_000_000])('of %i rows are all within reach', (total) => {
    expect(bodyHeight(total)).toBeLessThan(33_000_000);
    // The header scrolls with the rows.
    const end = Math.max(0, bodyHeight(total) + ROW_HEIGHT - height);
    expect(windowAt(0, height, total)).toMatchObject({ from: 0, top: 0 });
    for (const scrolled of [end, end / 2]) {
      const { from, to, top } = windowAt(scrolled, height, total);
      expect(top).toBeLessThanOrEqual(scrolled);
      expect(top + (to - from) * ROW_HEIGHT).toBeGreaterThanOrEqual(
        Math.min(scrolled + height - ROW_HEIGHT, bodyHeight(total)) - 1,
      );
      if (scrolled === end) expect(to).toBe(total);
    }
    const scroller = document.createElement('div');
    Object.defineProperty(scroller, 'clientHeight', { value: height });
    for (const row of [0, total - 1, Math.floor(total / 2), Math.floor(total / 2) + 1, 0]) {
      if (row < 0) continue;
      showCell(scroller, { row, column: 0 }, total);
      const { from, top } = windowAt(scroller.scrollTop, height, total);
      const place = top + (row - from) * ROW_HEIGHT - scroller.scrollTop;
      expect(place).toBeGreaterThan(-ROW_HEIGHT / 2);
      expect(place).toBeLessThanOrEqual(height - ROW_HEIGHT);
    }
  });
});
