import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldActs } from '../../../src/core/review/index.ts';
import { ReviewAct } from '../../../src/core/schemas/index.ts';
import { chainOf } from './chains.ts';

const chain = chainOf('c', 'Add them up: 12. Wait, check that again.', [
  { id: 'p1', kind: 'verification', start: 17, end: 40, source: 'piece', confidence: 0.9 },
]);
const stamp = (id: string) => ({ id, at: '2026-01-02T00:00:00Z', reviewer: 'tester', chainId: 'c' });
const undo = (id: string, target: string): ReviewAct => ({ ...stamp(id), act: 'undo', target });
const redo = (id: string, target: string): ReviewAct => ({ ...stamp(id), act: 'redo', target });

describe('foldActs', () => {
  test('without acts the chain is pending and as it was made', () => {
    const state = foldActs(chain, []);
    expect(state).toMatchObject({ decision: 'pending', text: chain.text, spans: chain.spans, edited: false });
    expect(state.undoable).toBeUndefined();
  });

  test('the last decision counts, with its reason', () => {
    const state = foldActs(chain, [
      { ...stamp('1'), act: 'accept' },
      { ...stamp('2'), act: 'reject', reason: 'wrong algebra' },
    ]);
    expect(state).toMatchObject({ decision: 'rejected', reason: 'wrong algebra', undoable: '2' });
  });

  test('undo brings the decision before back, and redo the one after', () => {
    const acts: ReviewAct[] = [
      { ...stamp('1'), act: 'accept' },
      { ...stamp('2'), act: 'reject', reason: 'wrong algebra' },
      undo('3', '2'),
    ];
    expect(foldActs(chain, acts)).toMatchObject({ decision: 'accepted', undoable: '1', redoable: '2' });
    expect(foldActs(chain, acts).reason).toBeUndefined();
    expect(foldActs(chain, [...acts, redo('4', '2')])).toMatchObject({ decision: 'rejected', undoable: '2' });
  });

  test('an act after an undo forgets what could be redone', () => {
    const state = foldActs(chain, [
      { ...stamp('1'), act: 'accept' },
      undo('2', '1'),
      { ...stamp('3'), act: 'note', text: 'look again' },
      redo('4', '1'),
    ]);
    expect(state).toMatchObject({ decision: 'pending', note: 'look again', undoable: '3' });
    expect(state.redoable).toBeUndefined();
  });

  test('an edit moves spans and segments, and a later label is on the new text', () => {
    const state = foldActs(chain, [
      { ...stamp('1'), act: 'edit', changes: [{ start: 13, end: 15, insert: 'twelve' }] },
      { ...stamp('2'), act: 'label', kind: 'backtracking', start: 21, end: 26 },
    ]);
    expect(state.text).toBe('Add them up: twelve. Wait, check that again.');
    expect(state.spans.map(({ start, end }) => state.text.slice(start, end))).toEqual([
      'Wait, check that again.',
      'Wait,',
    ]);
    expect(state.segments.map(({ start, end }) => state.text.slice(start, end))).toEqual([
      'Add them up: twelve. ',
      'Wait, check that again.',
    ]);
    expect(state.edited).toBe(true);
    expect(state.own).toEqual(['2']);
  });

  test('an edit undone by another edit is no edit', () => {
    const there = { start: 13, end: 15, insert: '13' };
    const back = { start: 13, end: 15, insert: '12' };
    const acts: ReviewAct[] = [there, back].map((change, index) => ({
      ...stamp(String(index)),
      act: 'edit',
      changes: [change],
    }));
    expect(foldActs(chain, acts).edited).toBe(false);
  });

  test('a verdict is overruled with a reason, again by another word, and undo brings the first word back', () => {
    const acts: ReviewAct[] = [
      { ...stamp('1'), act: 'override', outcome: 'incorrect', reason: 'the gold wants both roots' },
      { ...stamp('2'), act: 'override', outcome: 'unknown', reason: 'the problem has no answer' },
    ];
    expect(foldActs(chain, acts).override).toEqual({ outcome: 'unknown', reason: 'the problem has no answer' });
    expect(foldActs(chain, [...acts, undo('3', '2')]).override).toMatchObject({ outcome: 'incorrect' });
    expect(foldActs(chain, [...acts, undo('3', '2'), undo('4', '1')]).override).toBeUndefined();
  });

  test('an override has a reason and is about the answer', () => {
    const act = { ...stamp('1'), act: 'override', outcome: 'correct', reason: 'equal' };
    expect(ReviewAct.safeParse(act).success).toBe(true);
    for (const wrong of [{ reason: ' ' }, { reason: undefined }, { outcome: 'timeout' }]) {
      expect(ReviewAct.safeParse({ ...act, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
    }
  });

  test('a label is removed by its id, also one of the classifier', () => {
    expect(foldActs(chain, [{ ...stamp('1'), act: 'unlabel', spanId: 'p1' }]).spans).toEqual([]);
  });

  test('invalid acts change nothing: beyond the text, a repeated line, undo of another act', () => {
    const state = foldActs(chain, [
      { ...stamp('1'), act: 'label', kind: 'subgoal', start: 30, end: 400 },
      { ...stamp('2'), act: 'edit', changes: [{ start: 0, end: chain.text.length, insert: '' }] },
      { ...stamp('3'), act: 'accept' },
      { ...stamp('3'), act: 'reject' },
      undo('4', 'never'),
      { ...stamp('5'), act: 'unlabel', spanId: 'never' },
      { ...stamp('6'), act: 'accept', chainId: 'another' },
    ]);
    expect(state).toMatchObject({ decision: 'accepted', text: chain.text, spans: chain.spans, undoable: '3' });
  });

  const plain = fc.oneof(
    fc.constantFrom({ act: 'accept' as const }, { act: 'skip' as const }, { act: 'reject' as const, reason: 'r' }),
    fc.string({ maxLength: 3 }).map((text) => ({ act: 'note' as const, text })),
    fc
      .tuple(fc.nat(50), fc.nat(50))
      .map(([start, end]) => ({ act: 'label' as const, kind: 'subgoal' as const, start, end })),
    fc
      .tuple(fc.nat(40), fc.nat(4), fc.string({ maxLength: 4 }))
      .map(([start, length, insert]) => ({ act: 'edit' as const, changes: [{ start, end: start + length, insert }] })),
  );

  test('undoing everything gives the chain as it was made; redoing everything gives the whole state back', () => {
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 12 }), (payloads) => {
        const acts: ReviewAct[] = payloads.map((payload, index) => ({ ...stamp(`a${index}`), ...payload }));
        const { undoable: _undoable, ...whole } = foldActs(chain, acts);
        const back = [...acts];
        for (let target = foldActs(chain, back).undoable; target !== undefined; ) {
          back.push(undo(`u${back.length}`, target));
          target = foldActs(chain, back).undoable;
        }
        expect(foldActs(chain, back)).toMatchObject({ decision: 'pending', text: chain.text, spans: chain.spans });
        for (let target = foldActs(chain, back).redoable; target !== undefined; ) {
          back.push(redo(`r${back.length}`, target));
          target = foldActs(chain, back).redoable;
        }
        const { undoable: _again, ...again } = foldActs(chain, back);
        expect(again).toEqual(whole);
      }),
    );
  });
});

describe('acts of a span', () => {
  const text = 'Is it 12? Try it. 6 + 6 is 12. It holds. Now the rest. Is that right? Yes.';
  const at = (words: string, to = words) => ({ start: text.indexOf(words), end: text.indexOf(to) + to.length });
  const known = [at('Is it 12?'), at('It holds.')];
  const episode = { id: 'e', kind: 'verification' as const, ...at('Is it', 'holds.'), acts: known };
  const second = { id: 'f', kind: 'verification' as const, ...at('Is that', 'Yes.'), acts: [at('Is that right?')] };
  const from = { source: 'classifier' as const, confidence: 0.9, version: '1a2b3c4d' };
  const made = chainOf('c', text, [
    { ...episode, ...from },
    { ...second, ...from },
  ]);
  const respan = (remove: string[], ...add: { start: number; end: number }[]): ReviewAct => ({
    ...stamp('r'),
    act: 'respan',
    remove,
    add: add.map((place) => ({ kind: 'verification', ...place })),
  });
  const actsAfter = (act: ReviewAct) =>
    foldActs(made, [act])
      .spans.filter(({ source }) => source === 'human')
      .map(({ acts }) => acts?.map(({ start, end }) => text.slice(start, end)));

  test('a label on one sentence is an act; on several, its acts are unknown', () => {
    const label = (place: { start: number; end: number }): ReviewAct => ({
      ...{ ...stamp('l'), act: 'label', kind: 'backtracking' },
      ...place,
    });
    expect(actsAfter(label(at('Now the rest.')))).toEqual([['Now the rest.']]);
    expect(actsAfter(label(at('Try it.', 'is 12.')))).toEqual([undefined]);
  });

  test('a split gives each part its acts, a merge joins them, and an edge shortens them', () => {
    expect(actsAfter(respan(['e'], at('Is it', 'Try it.'), at('6 + 6', 'holds.')))).toEqual([
      ['Is it 12?'],
      ['It holds.'],
    ]);
    expect(actsAfter(respan(['e', 'f'], at('Is it', 'Yes.')))).toEqual([['Is it 12?', 'It holds.', 'Is that right?']]);
    expect(actsAfter(respan(['e'], at('it 12?', 'is 12.')))).toEqual([['it 12?']]);
    expect(actsAfter(respan(['e'], at('Try it.', 'is 12.')))).toEqual([undefined]);
  });

  test('another behaviour has none of the acts, and undo brings the span back whole', () => {
    const relabel: ReviewAct = {
      ...respan(['e']),
      ...{ act: 'respan', remove: ['e'], add: [{ kind: 'subgoal', ...at('Is it', 'holds.') }] },
    };
    expect(actsAfter(relabel)).toEqual([undefined]);
    expect(foldActs(made, [relabel, undo('u', 'r')]).spans).toEqual(made.spans);
  });

  test('an edit moves the acts with the text', () => {
    const { spans, text: edited } = foldActs(made, [
      { ...stamp('1'), act: 'edit', changes: [{ start: 10, end: 17, insert: 'Put it in the equation.' }] },
    ]);
    const acts = spans[0]?.acts ?? [];
    expect(acts.map(({ start, end }) => edited.slice(start, end))).toEqual(['Is it 12?', 'It holds.']);
  });
});
