// @vitest-environment happy-dom
import './standards-mode.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReviewAct, Segment } from '../../../src/core/schemas/index.ts';
import { ReviewSession } from '../../../src/editor/review/session.ts';
import type { FromReader, Snapshot } from '../../../src/protocol/review.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

// The toolkit's components need layout, which this document has not; the page needs none of them here.
vi.mock('@vscode/webview-ui-toolkit', () => ({
  provideVSCodeDesignSystem: () => ({ register: () => undefined }),
  vsCodeButton: () => undefined,
  vsCodeTextArea: () => undefined,
  vsCodeTextField: () => undefined,
}));

const STEPS = 30;
const text = Array.from({ length: STEPS }, (_, index) => `Step ${index + 1} adds one. It gives ${index}.`).join('\n\n');
const segments: Segment[] = [{ piece: 'trace', start: 0, end: text.length, train: true }];

let source: MemorySource;
let session: ReviewSession;
/** The answers of the host that are under way. */
let answers: Promise<void>[] = [];
let seen = 0;

/** The host: a real session, as the panel has it. */
async function answer(message: FromReader): Promise<void> {
  if (message.type === 'act') await session.act(message.chainId, message.act);
  else if (message.type === 'undo') await session.undo();
  else if (message.type === 'redo') await session.redo();
  else return;
  seen = message.seq;
  await show();
}

async function show(): Promise<void> {
  const view = await session.view();
  const data: Snapshot = {
    ...{ type: 'snapshot', ack: seen, reviewer: 'tester', dataset: 'file:///d', filters: [] },
    ...view,
  };
  window.dispatchEvent(new MessageEvent('message', { data }));
}

/** Presses keys, and waits for the host after each. */
async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await Promise.all(answers);
    answers = [];
  }
}

const heard = (): string => document.querySelector('.quiet')?.textContent ?? '';
const marks = (): (string | undefined)[] =>
  [...document.querySelectorAll<HTMLElement>('.step-mark')].map((mark) => mark.getAttribute('aria-label') ?? undefined);
const written = (): ReviewAct['act'][] => source.acts.map(({ act }) => act);
const state = async () => (await source.item('c'))?.state;

beforeAll(async () => {
  const api = {
    postMessage: (message: FromReader) => answers.push(answer(message)),
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

beforeEach(async () => {
  // As a click does: without it, keys right after the page was built are ignored.
  window.dispatchEvent(new Event('pointerdown'));
  source = new MemorySource([{ ...chainOf('c', text), segments }]);
  let made = 0;
  session = new ReviewSession(source, { id: () => `act-${++made}`, at: () => '2026-01-02T00:00:00.000Z' });
  await session.open();
  await show();
  // Nothing is on a screen here, so that the cursor begins at the last sentence.
  await press(...Array.from({ length: 2 * STEPS }, () => 'ArrowUp'));
});
afterEach(() => press('Escape'));

describe('labels of steps by keys', () => {
  test('30 steps take 30 keys: after a label the cursor is at the next step', async () => {
    await press('5');
    expect(heard()).toBe('Step 1 good, now 2 of 30: Step 2 adds one. It gives 1.');
    await press('6', '5', '7');
    expect(heard()).toMatch(/^Step 4 bad, now 5 of 30: /);
    await press(...Array.from({ length: STEPS - 4 }, () => '5'));
    expect(heard()).toBe('Step 30 good, the last one. All: 28 good, 1 neutral, 1 bad.');
    expect(written()).toEqual(Array.from({ length: STEPS }, () => 'step'));
    const { steps, firstWrongStep } = (await state()) ?? {};
    expect(steps).toHaveLength(STEPS);
    expect(text.slice(firstWrongStep?.start, firstWrongStep?.end)).toBe('Step 4 adds one. It gives 3.');
  });

  test('one key marks the first wrong step, and the ones before it as good', async () => {
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', '8');
    expect(heard()).toMatch(/^Step 3 of 30 is the first wrong step\. The steps before it are good/);
    expect(marks()).toEqual([
      'Step: good, before the first wrong step',
      'Step: good, before the first wrong step',
      'Step: bad, the first wrong step',
    ]);
    expect(document.querySelectorAll('.ribbon .wrong-step')).toHaveLength(1);
    await press('8');
    expect(heard()).toMatch(/^Step 3 of 30 is not the first wrong step/);
    expect(marks()).toEqual([]);
    expect(written()).toEqual(['first-wrong-step', 'first-wrong-step']);
  });

  test('one key states that no step is wrong', async () => {
    await press('9');
    expect(marks()).toHaveLength(STEPS);
    expect(new Set(marks())).toEqual(new Set(['Step: good, no step is wrong']));
    await press('9');
    expect(marks()).toEqual([]);
  });

  test('the same label again removes it', async () => {
    await press('7', 'ArrowUp', '7');
    expect(heard()).toBe('Step 1 of 30 has no label.');
    expect((await state())?.steps).toBeUndefined();
  });

  test('undo returns to the step whose label it removes', async () => {
    await press('5', '5', '7', 'u');
    expect((await state())?.steps).toHaveLength(2);
    await press('6');
    expect(heard()).toMatch(/^Step 3 neutral, now 4 of 30/);
    expect((await state())?.steps?.map(({ label }) => label)).toEqual(['good', 'good', 'neutral']);
  });

  test('the key goes to the suggested step first, then accepts it, and the act names the suggestion', async () => {
    const start = text.indexOf('Step 7 adds');
    const firstWrong = { step: 7, start, end: text.indexOf('Step 8 adds') - 2, within: 0.95 };
    const place = { kept: 6, at: start - 2, right: 8, wrong: 1, mean: 0.8, low: 0.6, high: 0.9 };
    source.values = {
      ...{ at: '2026-01-01T00:00:00.000Z', model: 'scripted', steps: STEPS, samples: 24, anchors: [] },
      ...{ places: [place], before: 0.8, after: 0.05, firstWrong },
    };
    await session.refresh();
    await show();
    expect(marks()).toEqual(['First wrong step? Step values suggest it.']);
    const facts = document.querySelector('.facts')?.textContent ?? '';
    expect(facts).toMatch(/First wrong step\? Step 7 of 30: 80.% before it, 5.% after it/);
    expect(facts).toMatch(/after 6 steps: 8 of 9 right, 80.% \(60.% to 90.%\)/);
    expect(document.querySelectorAll('.values .value-dot')).toHaveLength(1);
    await press('Escape', '8');
    expect(heard()).toMatch(/^First wrong step\? Step 7 of 30: 80.% before it, 5.% after it: Step 7 adds one/);
    expect(written()).toEqual([]);
    await press('8');
    expect(source.acts.at(-1)).toMatchObject({
      ...{ act: 'first-wrong-step', place: { start: firstWrong.start, end: firstWrong.end }, reviewer: 'tester' },
      suggestion: { by: 'step-values', model: 'scripted', at: '2026-01-01T00:00:00.000Z' },
    });
    expect(marks().at(-1)).toBe('Step: bad, the first wrong step');
    // Withdrawn, and another step: made without the suggestion.
    await press('8');
    expect(source.acts.at(-1)).not.toHaveProperty('suggestion');
    await press('ArrowUp', '8');
    expect(source.acts.at(-1)).not.toHaveProperty('suggestion');
  });

  test('without a cursor, the first key goes to a step and labels nothing', async () => {
    await press('Escape', '5');
    expect(heard()).toMatch(/^Step 30 of 30: /);
    expect(written()).toEqual([]);
  });
});
