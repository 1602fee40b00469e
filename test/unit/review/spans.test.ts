import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitSentences } from '../../../src/core/behaviours/sentences.ts';
import {
  edgeMoved,
  foldActs,
  mergedWithNext,
  moved,
  overSentences,
  type Respan,
  type ReviewState,
  relabelled,
  split,
  takingIn,
} from '../../../src/core/review/index.ts';
import type { Behaviour, ReviewAct, Span } from '../../../src/core/schemas/index.ts';
import { chainOf } from './chains.ts';

const text = 'Add them up: 12. Wait, check that again. Six and six are twelve. So it holds.';
const sentences = splitSentences(text);
const span = (words: string, kind: Behaviour = 'verification', id = 'p1'): Span => {
  const start = text.indexOf(words);
  return { id, kind, start, end: start + words.length, source: 'piece', confidence: 0.9 };
};
const words = (move: Respan | undefined): string[] | undefined =>
  move?.add.map(({ start, end }) => text.slice(start, end));

describe('moves of a span', () => {
  const second = span('Wait, check that again.');

  test('the end goes out and in by whole sentences, and never leaves the span empty', () => {
    expect(words(edgeMoved(text, sentences, second, 'end', 1))).toEqual([
      'Wait, check that again. Six and six are twelve.',
    ]);
    expect(edgeMoved(text, sentences, second, 'end', -1)).toBeUndefined();
    expect(edgeMoved(text, sentences, span('So it holds.'), 'end', 1)).toBeUndefined();
    const two = span('Wait, check that again. Six and six are twelve.');
    expect(words(edgeMoved(text, sentences, two, 'end', -1))).toEqual(['Wait, check that again.']);
  });

  test('so does the start', () => {
    expect(words(edgeMoved(text, sentences, second, 'start', -1))).toEqual([
      'Add them up: 12. Wait, check that again.',
    ]);
    expect(edgeMoved(text, sentences, second, 'start', 1)).toBeUndefined();
    expect(edgeMoved(text, sentences, span('Add them up: 12.'), 'start', -1)).toBeUndefined();
  });

  test('an edge within a sentence goes to the border of that sentence first', () => {
    expect(words(edgeMoved(text, sentences, span('check that'), 'end', 1))).toEqual(['check that again.']);
    expect(words(edgeMoved(text, sentences, span('check that'), 'start', -1))).toEqual(['Wait, check that']);
  });

  test('whole sentences take in all that is touched, and leave whole ones alone', () => {
    expect(words(overSentences(text, sentences, span('again. Six')))).toEqual([
      'Wait, check that again. Six and six are twelve.',
    ]);
    expect(overSentences(text, sentences, second)).toBeUndefined();
    const led = '  Two. Three.';
    const all = overSentences(led, splitSentences(led), { ...second, start: 3, end: 9 });
    expect(all?.add).toMatchObject([{ start: 2, end: 13 }]);
  });

  test('a split is at the given offset, else before the second sentence, and leaves no empty part', () => {
    const two = span('check that again. Six and six');
    expect(words(split(text, sentences, two))).toEqual(['check that again.', 'Six and six']);
    expect(words(split(text, sentences, two, text.indexOf('that')))).toEqual(['check', 'that again. Six and six']);
    expect(split(text, sentences, second)).toBeUndefined();
    expect(split(text, sentences, two, two.start)).toBeUndefined();
    expect(split(text, sentences, two, two.end)).toBeUndefined();
  });

  test('a merger takes the next of the same kind and what lies between', () => {
    const last = span('So it holds.', 'verification', 'p3');
    const other = span('Six and six', 'subgoal', 'p2');
    const merged = mergedWithNext([last, other, second], second);
    expect(merged?.remove).toEqual(['p1', 'p3']);
    expect(words(merged)).toEqual(['Wait, check that again. Six and six are twelve. So it holds.']);
    expect(mergedWithNext([last, other, second], last)).toBeUndefined();
    expect(mergedWithNext([other], other)).toBeUndefined();
  });

  test('a move onto spans of its kind takes them in, and leaves other kinds and later ones alone', () => {
    const first = span('Wait', 'verification', 'p1');
    const beside = span('check that again.', 'verification', 'p3');
    const other = span('check that', 'subgoal', 'p2');
    const far = span('So it holds.', 'verification', 'p4');
    const move = edgeMoved(text, sentences, first, 'end', 1);
    const taken = move && takingIn([first, beside, other, far], move);
    expect(taken?.remove).toEqual(['p1', 'p3']);
    expect(words(taken)).toEqual(['Wait, check that again.']);
    const apart = split(text, sentences, span('check that again. Six and six'));
    expect(apart && takingIn([beside], apart)).toBe(apart);
  });

  test('a relabelling or a move that changes nothing is none', () => {
    expect(relabelled(second, 'verification')).toBeUndefined();
    expect(relabelled(second, 'subgoal')?.add).toMatchObject([{ kind: 'subgoal', start: second.start }]);
    expect(moved(second, second.start, second.end)).toBeUndefined();
    expect(moved(second, 5, 5)).toBeUndefined();
  });
});

/** One move of a random reviewer; numbers choose among what there is when it is made. */
type Wish =
  | { what: 'label'; kind: Behaviour; start: number; length: number }
  | { what: 'edit'; at: number; length: number; insert: string }
  | { what: 'unlabel' | 'merge' | 'sentences'; pick: number }
  | { what: 'relabel'; pick: number; kind: Behaviour }
  | { what: 'edge'; pick: number; edge: 'start' | 'end'; direction: 1 | -1 }
  | { what: 'split'; pick: number; at: number };

const kind = fc.constantFrom<Behaviour>('verification', 'backtracking', 'subgoal', 'backward');
const pick = fc.nat(20);
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({ what: fc.constant('label' as const), kind, start: fc.nat(90), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    what: fc.constant('edit' as const),
    at: fc.nat(90),
    length: fc.nat(12),
    insert: fc.constantFrom('', 'so. ', ' No.\n\n', 'x', '. A'),
  }),
  fc.record({ what: fc.constantFrom('unlabel' as const, 'merge' as const, 'sentences' as const), pick }),
  fc.record({ what: fc.constant('relabel' as const), pick, kind }),
  fc.record({
    what: fc.constant('edge' as const),
    pick,
    edge: fc.constantFrom('start' as const, 'end' as const),
    direction: fc.constantFrom(1 as const, -1 as const),
  }),
  fc.record({ what: fc.constant('split' as const), pick, at: fc.nat(60) }),
);

const stamp = (id: string) => ({ id, at: '2026-01-02T00:00:00Z', reviewer: 'tester', chainId: 'c' });

/** The act of a change on this state; undefined if there is nothing to do. */
function actOf(one: Wish, state: ReviewState, id: string): ReviewAct | undefined {
  if (one.what === 'label') {
    return { ...stamp(id), act: 'label', kind: one.kind, start: one.start, end: one.start + one.length };
  }
  if (one.what === 'edit') {
    const { at, length, insert } = one;
    return { ...stamp(id), act: 'edit', changes: [{ start: at, end: at + length, insert }] };
  }
  const target = state.spans[one.pick % Math.max(1, state.spans.length)];
  if (target === undefined) return undefined;
  if (one.what === 'unlabel') return { ...stamp(id), act: 'unlabel', spanId: target.id };
  const move = moveOf(one, state, target);
  return move && { ...stamp(id), act: 'respan', ...move };
}

function moveOf(one: Exclude<Wish, { what: 'label' | 'edit' }>, state: ReviewState, target: Span): Respan | undefined {
  const parts = splitSentences(state.text);
  switch (one.what) {
    case 'relabel':
      return relabelled(target, one.kind);
    case 'edge':
      return edgeMoved(state.text, parts, target, one.edge, one.direction);
    case 'split':
      return split(state.text, parts, target, one.at === 0 ? undefined : target.start + one.at);
    case 'merge':
      return mergedWithNext(state.spans, target);
    default:
      return overSentences(state.text, parts, target);
  }
}

describe('spans under random edits and moves', () => {
  const chain = chainOf('c', text, [span('Wait, check that again.'), span('So it holds.', 'backward', 'p2')]);

  test('stay inside the text with ids of their own, leave others alone, and undo brings the chain back exactly', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 14 }), (wishes) => {
        const acts: ReviewAct[] = [];
        let state = foldActs(chain, acts);
        for (const [index, one] of wishes.entries()) {
          const act = actOf(one, state, `a${index}`);
          if (act === undefined) continue;
          const before = state;
          acts.push(act);
          state = foldActs(chain, acts);
          // A move that the reader makes always fits, and leaves every span that it does not name as it was.
          if (act.act === 'respan') {
            expect(state.undoable).toBe(act.id);
            const rest = before.spans.filter(({ id }) => !act.remove.includes(id));
            expect(state.spans.slice(0, rest.length)).toEqual(rest);
            expect(state.spans.slice(rest.length)).toMatchObject(act.add);
            for (const made of state.spans.slice(rest.length)) {
              expect([made.source, made.confidence]).toEqual(['human', 1]);
              expect(state.own).toContain(made.id);
            }
          }
          for (const { start, end } of state.spans) {
            expect(start >= 0 && start < end && end <= state.text.length).toBe(true);
          }
          expect(new Set(state.spans.map(({ id }) => id)).size).toBe(state.spans.length);
        }
        const whole = foldActs(chain, acts);
        for (let target = whole.undoable; target !== undefined; target = foldActs(chain, acts).undoable) {
          acts.push({ ...stamp(`u${acts.length}`), act: 'undo', target });
        }
        const { undoable, redoable, ...bare } = foldActs(chain, acts);
        const { undoable: _none, redoable: _neither, ...fresh } = foldActs(chain, []);
        expect(undoable).toBeUndefined();
        expect(bare).toEqual(fresh);
        for (let target = redoable; target !== undefined; target = foldActs(chain, acts).redoable) {
          acts.push({ ...stamp(`r${acts.length}`), act: 'redo', target });
        }
        expect(foldActs(chain, acts)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('an edit elsewhere leaves the covered text of a moved span unchanged', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(8), fc.constantFrom('', 'new words. '), (at, length, insert) => {
        const move = mergedWithNext([span('Wait, check'), span('Six', 'verification', 'p2')], span('Wait, check'));
        const [place] = move?.add ?? [];
        fc.pre(place !== undefined && (at + length <= place.start || at >= place.end) && at + length <= text.length);
        const own = chainOf('c', text, [span('Wait, check'), span('Six', 'verification', 'p2')]);
        const state = foldActs(own, [
          { ...stamp('m'), act: 'respan', remove: ['p1', 'p2'], add: move?.add ?? [] },
          { ...stamp('e'), act: 'edit', changes: [{ start: at, end: at + length, insert }] },
        ]);
        expect(state.spans.map(({ start, end }) => state.text.slice(start, end))).toEqual([
          'Wait, check that again. Six',
        ]);
      }),
    );
  });
});

describe('an invalid respan', () => {
  const chain = chainOf('c', text, [span('Wait, check that again.')]);
  const add = [{ kind: 'subgoal' as const, start: 0, end: 4 }];

  test.each([
    ['names a span that is not there', { remove: ['p1', 'gone'], add }],
    ['names one twice', { remove: ['p1', 'p1'], add }],
    ['reaches beyond the text', { remove: ['p1'], add: [...add, { kind: 'subgoal' as const, start: 3, end: 900 }] }],
    ['covers nothing', { remove: ['p1'], add: [{ kind: 'subgoal' as const, start: 3, end: 3 }] }],
  ])('%s: nothing changes', (_name, move) => {
    const state = foldActs(chain, [{ ...stamp('1'), act: 'respan', ...move }]);
    expect(state.spans).toEqual(chain.spans);
    expect(state.undoable).toBeUndefined();
  });

  test('an id that is taken is not given twice', () => {
    const taken = chainOf('c', text, [span('Wait,', 'subgoal', '1'), span('again', 'subgoal', '2.1')]);
    expect(foldActs(taken, [{ ...stamp('1'), act: 'label', kind: 'backward', start: 0, end: 3 }]).spans).toHaveLength(
      2,
    );
    const twice = [...add, { kind: 'subgoal' as const, start: 5, end: 9 }];
    expect(foldActs(taken, [{ ...stamp('2'), act: 'respan', remove: ['1'], add: twice }]).spans).toEqual(taken.spans);
  });
});
