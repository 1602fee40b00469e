import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAIN_WARNINGS } from '../../../src/core/export/warnings.ts';
import {
  BatchAct,
  type BatchChain,
  batchActs,
  describeBatch,
  planBatch,
  reverseBatch,
} from '../../../src/core/review/batch.ts';
import { foldActs } from '../../../src/core/review/index.ts';
import { Decision, ReviewAct } from '../../../src/core/schemas/index.ts';
import { chainOf } from './chains.ts';

let made = 0;
const stamp = () => ({ id: () => `id-${made++}`, at: '2026-02-01T00:00:00Z', reviewer: 'tester' });

const tag = fc.constantFrom('easy', 'to do', 'wrong-gold');
const act: fc.Arbitrary<BatchAct> = fc.oneof(
  fc.constant({ act: 'accept' as const }),
  fc.constant({ act: 'reject' as const, reason: 'mathematically wrong' }),
  tag.map((one) => ({ act: 'tag' as const, tag: one })),
  tag.map((one) => ({ act: 'untag' as const, tag: one })),
  fc.constant({ act: 'note' as const, text: 'look again' }),
  fc.constantFrom('Ada', '').map((to) => ({ act: 'assign' as const, to })),
);
const chain: fc.Arbitrary<BatchChain> = fc.record({
  chainId: fc.uuid(),
  decision: fc.constantFrom(...Decision.options),
  tags: fc.uniqueArray(tag),
  hasNote: fc.boolean(),
  assigned: fc.option(fc.constantFrom('Ada', 'Ben'), { nil: undefined }),
  warnings: fc.subarray([...CHAIN_WARNINGS]),
  isUngraded: fc.boolean(),
});
const chains = fc.uniqueArray(chain, { selector: ({ chainId }) => chainId, maxLength: 30 });

const IDS = ['a', 'b', 'c', 'd'];
type State = Omit<ReturnType<typeof foldActs>, 'undoable' | 'redoable'>;
/** The state of each chain by the fold, and what its next undo would reverse. */
const fold = (acts: readonly ReviewAct[]) => IDS.map((id) => foldActs(chainOf(id), acts));
const content = (acts: readonly ReviewAct[]): State[] => fold(acts).map(({ undoable, redoable, ...state }) => state);
const seen = (acts: readonly ReviewAct[], chainId: string): BatchChain => {
  const { decision, tags = [], note, assigned } = foldActs(chainOf(chainId), acts);
  return { chainId, decision, tags, hasNote: note !== undefined, assigned, warnings: [], isUngraded: false };
};

/** Earlier batches on some of the chains. */
const history = fc.array(fc.tuple(act, fc.uniqueArray(fc.constantFrom(...IDS))), { maxLength: 6 }).map((batches) => {
  const acts: ReviewAct[] = [];
  for (const [one, ids] of batches) acts.push(...batchActs(one, ids, stamp()));
  return acts;
});

describe('the plan of an act on several chains', () => {
  it('has each chain once: it is changed, or it is so already', () => {
    fc.assert(
      fc.property(act, chains, (one, list) => {
        const plan = planBatch(one, list);
        expect(plan.chains.length + plan.unchanged).toBe(list.length);
        expect(new Set(plan.chains).size).toBe(plan.chains.length);
        expect(list.map(({ chainId }) => chainId)).toEqual(expect.arrayContaining(plan.chains));
      }),
    );
  });

  it('has nothing left to do after the act, notes aside', () => {
    fc.assert(
      fc.property(history, act, (before, one) => {
        fc.pre(one.act !== 'note');
        const plan = planBatch(
          one,
          IDS.map((id) => seen(before, id)),
        );
        const after = [...before, ...batchActs(one, plan.chains, stamp())];
        expect(
          planBatch(
            one,
            IDS.map((id) => seen(after, id)),
          ).chains,
        ).toEqual([]);
      }),
    );
  });

  it('counts what is decided already, and what speaks against accepting', () => {
    const known = { tags: [], hasNote: false, assigned: undefined, warnings: [], isUngraded: false };
    const list: BatchChain[] = [
      { ...known, chainId: 'a', decision: 'pending' },
      { ...known, chainId: 'b', decision: 'pending', warnings: ['wrong-answer'] },
      { ...known, chainId: 'c', decision: 'rejected', warnings: ['filtered-out'] },
      { ...known, chainId: 'd', decision: 'accepted' },
    ];
    const text = (one: BatchAct) => describeBatch(one, planBatch(one, list));
    expect(text({ act: 'accept' })).toBe(
      'Accept 3 chains: 2 pending, 1 already rejected by you, 1 graded incorrect, 1 filtered out. Nothing changes for 1 chain.',
    );
    const unread = ['e', 'f'].map((chainId) => ({ ...list[0], chainId, isUngraded: true }) as BatchChain);
    const truncated = { ...known, chainId: 'g', decision: 'pending' as const, warnings: ['truncated' as const] };
    expect(describeBatch({ act: 'accept' }, planBatch({ act: 'accept' }, [...unread, truncated]))).toBe(
      'Accept 3 chains: 3 pending, 2 not graded yet, 1 truncated.',
    );
    expect(text({ act: 'reject', reason: 'x' })).toBe(
      'Reject 3 chains: 2 pending, 1 already accepted by you. Nothing changes for 1 chain.',
    );
    expect(text({ act: 'tag', tag: 'easy' })).toBe('Tag 4 chains “easy”.');
    const held = ['Ada', 'Ben', 'Ada', 'Eve', 'Joe', 'Kim'].map((assigned, at) => {
      return { ...known, chainId: `h${at}`, decision: 'pending' as const, assigned };
    });
    expect(planBatch({ act: 'assign', to: 'Max' }, [...list, ...held]).parts).toEqual([
      '2 assigned to Ada',
      '1 assigned to Ben',
      '1 assigned to Eve',
      '2 assigned to others',
    ]);
    expect(text({ act: 'assign', to: '' })).toBe('Remove the assignment of 0 chains. Nothing changes for 4 chains.');
  });
});

describe('an act on several chains', () => {
  it('is one act a chain that the fold applies, and the last line ends it', () => {
    fc.assert(
      fc.property(act, fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }), (one, ids) => {
        const acts = batchActs(one, ids, stamp());
        for (const line of acts) expect(ReviewAct.parse(line)).toEqual(line);
        expect(acts.map(({ chainId }) => chainId)).toEqual(ids);
        expect(new Set(acts.map(({ batch }) => batch?.id)).size).toBe(1);
        expect(acts.map(({ batch }) => batch?.last)).toEqual(ids.map((_, at) => at === ids.length - 1 || undefined));
        for (const id of IDS) {
          const { undoable } = foldActs(chainOf(id), acts);
          expect(undoable).toBe(acts.find(({ chainId }) => chainId === id)?.id);
        }
      }),
    );
  });

  it('is reversed by one undo, and restored by one redo', () => {
    fc.assert(
      fc.property(history, act, fc.uniqueArray(fc.constantFrom(...IDS)), (before, one, ids) => {
        const batch = batchActs(one, ids, stamp());
        const done = [...before, ...batch];
        const nextOf = (acts: readonly ReviewAct[], key: 'undoable' | 'redoable') =>
          batch.map(({ chainId, id }) => ({ chainId, id, next: foldActs(chainOf(chainId), acts)[key] }));
        const undo = reverseBatch('undo', nextOf(done, 'undoable'), stamp());
        expect(undo.kept).toBe(0);
        const undone = [...done, ...undo.acts];
        expect(content(undone)).toEqual(content(before));
        const redo = reverseBatch('redo', nextOf(undone, 'redoable'), stamp());
        expect(content([...undone, ...redo.acts])).toEqual(content(done));
      }),
    );
  });

  it('keeps chains that were changed later', () => {
    const batch = batchActs({ act: 'accept' }, IDS, stamp());
    const later = batchActs({ act: 'tag', tag: 'easy' }, ['b'], stamp());
    const acts = [...batch, ...later];
    const next = batch.map(({ chainId, id }) => ({ chainId, id, next: foldActs(chainOf(chainId), acts).undoable }));
    const undo = reverseBatch('undo', next, stamp());
    expect(undo.kept).toBe(1);
    expect(content([...acts, ...undo.acts]).map(({ decision }) => decision)).toEqual([
      'pending',
      'accepted',
      'pending',
      'pending',
    ]);
  });

  it('refuses tags and names that would spoil a file or a query', () => {
    for (const bad of ['', ' ', 'a\nb', 'x'.repeat(61), '"', '<b>', '-x', 'a,b'])
      expect(BatchAct.safeParse({ act: 'tag', tag: bad }).success).toBe(false);
    expect(BatchAct.safeParse({ act: 'reject', reason: '  ' }).success).toBe(false);
    expect(BatchAct.safeParse({ act: 'tag', tag: 'λ-1: to do' }).success).toBe(true);
  });
});
