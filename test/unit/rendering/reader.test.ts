import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../src/core/schemas/index.ts';
import { REVIEW_KEYS } from '../../../src/protocol/keys.ts';
import type { Snapshot } from '../../../src/protocol/review.ts';
import { Marks, marksOf, marksWithin } from '../../../webview/rendering/marks.ts';
import { findAll } from '../../../webview/review/find.ts';
import { actionFor, worksWithoutChain } from '../../../webview/review/keys.ts';
import { ReaderModel } from '../../../webview/review/model.ts';
import { isSaved, savingOf } from '../../../webview/review/saving.ts';
import { candidateStops, spanStops, walkTo } from '../../../webview/review/walk.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

describe('keys', () => {
  const press = (key: string, held: Partial<Parameters<typeof actionFor>[0]> = {}) =>
    actionFor({
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      getModifierState: () => false,
      ...held,
    });

  test('every key of the registry does its action', () => {
    for (const { action, keys } of REVIEW_KEYS) {
      for (const name of keys) {
        const parts = name === '+' ? [name] : name.split('+');
        const key = parts.at(-1) ?? '';
        const held = { ctrlKey: parts.includes('Ctrl'), shiftKey: parts.includes('Shift') };
        expect(press(key, held), name).toBe(action);
      }
    }
  });

  test('Shift makes another letter, but belongs to a sign; Caps Lock changes nothing; Cmd is Ctrl', () => {
    expect(press('U', { shiftKey: true })).toBe('redo');
    expect(press('U')).toBe('undo');
    expect(press('A', { shiftKey: true })).toBeUndefined();
    expect(press('?', { shiftKey: true })).toBe('help');
    expect(press('/', { shiftKey: true })).toBe('find');
    expect(press('z', { metaKey: true })).toBe('undo');
    const altGr = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === 'AltGraph' };
    expect(press(']', altGr)).toBe('nextSpan');
    expect(press('|', altGr)).toBe('splitSpan');
    expect(press('a', altGr)).toBeUndefined();
  });

  test('the editor keeps its own chords', () => {
    expect(press('a', { ctrlKey: true })).toBeUndefined();
    expect(press('p', { ctrlKey: true, shiftKey: true })).toBeUndefined();
    expect(press('n', { altKey: true })).toBeUndefined();
  });

  test('without a readable chain, its neighbours are still reachable', () => {
    expect(worksWithoutChain('next', 3)).toBe(true);
    expect(worksWithoutChain('next', 0)).toBe(false);
    expect(worksWithoutChain('accept', 3)).toBe(false);
    expect(worksWithoutChain('undo', 0)).toBe(true);
  });
});

describe('what the reader believes', () => {
  const source = new MemorySource(['c1', 'c2', 'c3'].map((id) => chainOf(id)));

  async function snapshot(at: number, ack: number): Promise<Snapshot> {
    const item = async (index: number) => (await source.item(`c${index}`)) ?? null;
    return {
      type: 'snapshot',
      ack,
      position: at,
      total: 3,
      all: 3,
      filters: [],
      counts: { accepted: 0, rejected: 0, skipped: 0, pending: 3 },
      reviewer: 'tester',
      dataset: 'file:///d',
      item: await item(at),
      next: await item(at + 1),
      previous: await item(at - 1),
    };
  }

  test('a decision shows the next chain before the host has answered', async () => {
    const model = new ReaderModel();
    model.take(await snapshot(1, 0));
    const seq = model.nextSeq();
    expect(model.decide('accepted')).toBe(true);
    expect(model.item?.chain.id).toBe('c2');
    expect(model.previous?.state.decision).toBe('accepted');
    expect(model.counts).toMatchObject({ accepted: 1, pending: 2 });
    expect(model.take(await snapshot(2, seq))).toBe(true);
    expect(model.next?.chain.id).toBe('c3');
  });

  test('an edit counts as saved only when the chain comes back with its text', async () => {
    const own = new MemorySource([chainOf('c1'), chainOf('c2')]);
    const changes = [{ start: 0, end: 3, insert: 'Sum' }];
    const saving = savingOf({ id: 'c1', text: chainOf('c1').text }, changes);
    expect(isSaved(saving, (await own.item('c1')) ?? null)).toBe(false);
    await own.append([{ act: 'edit', changes, id: 'e1', at: '', reviewer: own.reviewer, chainId: 'c1' }]);
    expect(isSaved(saving, (await own.item('c1')) ?? null)).toBe(true);
    expect(isSaved(saving, (await own.item('c2')) ?? null)).toBe(false);
    expect(isSaved(saving, null)).toBe(false);
  });

  test('a snapshot from before the move does not undo it', async () => {
    const model = new ReaderModel();
    model.take(await snapshot(1, 0));
    model.nextSeq();
    model.step('next');
    expect(model.take(await snapshot(1, 0))).toBe(false);
    expect(model.item?.chain.id).toBe('c2');
  });

  test('a step to a chain that is not here waits for the host, and the answer ends the waiting', async () => {
    const model = new ReaderModel();
    model.take(await snapshot(3, 0));
    const seq = model.nextSeq();
    expect(model.step('next')).toBe(false);
    expect(model.waiting).toBe(true);
    model.take(await snapshot(3, seq));
    expect(model.waiting).toBe(false);
  });

  test('deciding again moves the count over', async () => {
    const model = new ReaderModel();
    const first = await snapshot(1, 0);
    model.take({ ...first, counts: { accepted: 1, rejected: 0, skipped: 0, pending: 2 } });
    if (model.item !== null) model.item = { ...model.item, state: { ...model.item.state, decision: 'accepted' } };
    model.nextSeq();
    model.decide('rejected');
    expect(model.counts).toEqual({ accepted: 0, rejected: 1, skipped: 0, pending: 2 });
  });
});

describe('find', () => {
  test('finds in the source, also inside formulas, upper and lower case alike', () => {
    const text = 'A Root, and $\\sqrt{root}$; (a+b)? [x] - /';
    expect(findAll(text, 'root').map(({ start, end }) => text.slice(start, end))).toEqual(['Root', 'root']);
    for (const sign of ['(a+b)?', '[x]', '-', '/', '\\sqrt{', '$', '^']) {
      expect(findAll(text, sign).length > 0, sign).toBe(text.includes(sign));
    }
  });

  test('any text finds itself at any place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (wanted, around) => {
        const text = `${around}\n${wanted}\n${around}`;
        fc.pre(!/\p{Surrogate}/u.test(wanted));
        expect(findAll(text, wanted).length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the walk over spans', () => {
  const text = 'one two three four';
  const span = (id: string, start: number): Span => ({
    id,
    kind: 'subgoal',
    start,
    end: start + 3,
    source: 'rule',
    confidence: 1,
  });
  const segments = [{ piece: 'trace' as const, start: 0, end: text.length, train: true }];
  const content = { text, segments, spans: [span('c', 14), span('a', 0), span('b', 4)], candidates: [], own: [] };

  test('follows the order of the text, wraps at its end, and reports it', () => {
    const next = (focused: string | undefined) => walkTo(spanStops(content), 1, focused, 0);
    expect([next(undefined)?.id, next('a')?.id, next('b')?.id]).toEqual(['a', 'b', 'c']);
    expect(next('c')).toMatchObject({ id: 'a', wrapped: true });
  });

  test('without a lit span it begins at the upper edge of the screen', () => {
    expect(walkTo(spanStops(content), 1, undefined, 5)?.id).toBe('c');
    expect(walkTo(spanStops(content), -1, undefined, 5)?.id).toBe('b');
    expect(walkTo(spanStops(content), 1, undefined, 17)).toMatchObject({ id: 'a', wrapped: false });
  });

  test('is a dead end where there is nothing', () => {
    expect(walkTo(candidateStops(content), 1, undefined, 0)).toBeUndefined();
  });
});

describe('marks', () => {
  const spans = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })), { maxLength: 20 }).map((places) =>
    places.map(([start, length], index): Span => {
      return { id: String(index), kind: 'subgoal', start, end: start + length, source: 'rule', confidence: 1 };
    }),
  );

  test('acts and working are the parts of a span, in order and without gaps', () => {
    fc.assert(
      fc.property(spans, fc.uniqueArray(fc.nat(80), { minLength: 1 }), (list, cuts) => {
        const edges = cuts.sort((a, b) => a - b);
        const acts = edges.flatMap((start, index) => (index % 2 === 0 ? [{ start, end: edges[index + 1] ?? 80 }] : []));
        for (const span of list) {
          const parts = marksOf([{ ...span, acts }], []);
          expect(parts.map(({ start }) => start)).toEqual([span.start, ...parts.slice(0, -1).map(({ end }) => end)]);
          expect(parts.at(-1)?.end).toBe(span.end);
          for (const part of parts) {
            const within = acts.some(({ start, end }) => start <= part.start && part.end <= end);
            expect(part.type === 'span' && part.part).toBe(within ? 'act' : 'working');
          }
        }
      }),
    );
  });

  test('each block gets exactly the marks that reach into it', () => {
    fc.assert(
      fc.property(spans, fc.uniqueArray(fc.integer({ min: 1, max: 79 })), (list, cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), 80];
        const blocks = points.slice(1).map((end, index) => ({ start: points[index] ?? 0, end }));
        const marks = marksOf(list, []);
        const asked = new Marks(marks);
        for (const { start, end } of blocks) expect(asked.within(start, end)).toEqual(marksWithin(marks, start, end));
      }),
    );
  });

  test('no two spans of a lane overlap, until all lanes are taken', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const marks = marksOf(list, []).flatMap((mark) => (mark.type === 'span' && mark.lane < 2 ? [mark] : []));
        for (const a of marks) {
          for (const b of marks)
            if (a !== b && a.lane === b.lane) expect(a.start >= b.end || b.start >= a.end).toBe(true);
        }
      }),
    );
  });
});
