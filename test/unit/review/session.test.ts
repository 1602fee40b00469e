import { describe, expect, test } from 'vitest';
import { ReviewSession } from '../../../src/editor/review/session.ts';
import { type ChainDecision, ToReader } from '../../../src/protocol/review.ts';
import { chainOf, MemorySource } from './chains.ts';

async function startSession(count = 4) {
  const source = new MemorySource(Array.from({ length: count }, (_, index) => chainOf(`c${index + 1}`)));
  let made = 0;
  const session = new ReviewSession(source, { id: () => `act-${++made}`, at: () => '2026-01-02T00:00:00.000Z' });
  await session.open();
  return { source, session };
}

describe('a review session', () => {
  test('begins at the head of the queue with both neighbours prepared', async () => {
    const { session } = await startSession();
    const view = await session.view();
    expect([view.item?.chain.id, view.next?.chain.id, view.previous]).toEqual(['c1', 'c2', null]);
    expect([view.position, view.total]).toEqual([1, 4]);
  });

  test('what it shows fits the protocol', async () => {
    const { session } = await startSession();
    const view = await session.view();
    const snapshot = { type: 'snapshot', ack: 0, ...view, reviewer: 'tester', dataset: 'file:///d', filters: [] };
    expect(ToReader.safeParse(snapshot).error).toBeUndefined();
  });

  test('reads the phases of the reviewed text, after its edits', async () => {
    const { session } = await startSession();
    const before = (await session.phases('c1')) ?? [];
    expect(ToReader.safeParse({ type: 'phases', request: 1, runs: before }).error).toBeUndefined();
    expect([before[0]?.start, before.at(-1)?.end]).toEqual([0, 40]);
    await session.act('c1', { act: 'edit', changes: [{ start: 0, end: 0, insert: 'Let me verify it. ' }] });
    const after = (await session.phases('c1')) ?? [];
    expect(after.at(-1)?.end).toBe(58);
    expect(after.reduce((sum, { sentences }) => sum + sentences, 0)).toBe(3);
    expect(await session.phases('none')).toBeUndefined();
  });

  test('keeps its chain when filters change and it matches them, and goes to the nearest that does otherwise', async () => {
    const { source, session } = await startSession(6);
    const only = (...ids: string[]) => {
      source.query = ids.map((id) => ({ field: 'problem', op: '=', values: [`problem-of-${id}`] }));
      return session.refilter();
    };
    await session.go({ chainId: 'c4' });
    await only('c2', 'c4', 'c6');
    expect(session.chainId).toBe('c4');
    expect(await session.view()).toMatchObject({ position: 2, total: 3, all: 6 });
    await only('c2', 'c6');
    expect(session.chainId).toBe('c6');
    await only('c1', 'c3');
    expect(session.chainId).toBe('c3');
    await only('none');
    expect(session.chainId).toBeUndefined();
    await only();
    expect(session.chainId).toBe('c1');
  });

  test('a decision is written with reviewer, time and reason, and moves on', async () => {
    const { session, source } = await startSession();
    expect(await session.act('c1', { act: 'reject', reason: 'wrong algebra' })).toBeUndefined();
    expect(source.acts).toEqual([
      {
        act: 'reject',
        reason: 'wrong algebra',
        id: 'act-1',
        at: '2026-01-02T00:00:00.000Z',
        reviewer: 'tester',
        chainId: 'c1',
      },
    ]);
    expect(session.chainId).toBe('c2');
  });

  test('a label stays on the chain and is shown immediately', async () => {
    const { session } = await startSession();
    await session.act('c1', { act: 'label', kind: 'verification', start: 17, end: 40 });
    const { item } = await session.view();
    expect(item?.chain.id).toBe('c1');
    expect(item?.state.spans).toMatchObject([{ kind: 'verification', source: 'human', start: 17, end: 40 }]);
  });

  test('undo goes back over several chains, each time to the chain of the act, and redo forward again', async () => {
    const { session, source } = await startSession();
    await session.act('c1', { act: 'accept' });
    await session.act('c2', { act: 'reject' });
    await session.act('c3', { act: 'accept' });
    await session.undo();
    expect(session.chainId).toBe('c3');
    await session.undo();
    expect(session.chainId).toBe('c2');
    expect((await session.view()).item?.state.decision).toBe('pending');
    await session.redo();
    expect((await session.view()).item?.state.decision).toBe('rejected');
    expect(source.acts.map(({ act }) => act)).toEqual(['accept', 'reject', 'accept', 'undo', 'undo', 'redo']);
  });

  test('an act after an undo forgets what could be redone', async () => {
    const { session } = await startSession();
    await session.act('c1', { act: 'accept' });
    await session.undo();
    await session.act('c1', { act: 'skip' });
    expect(await session.redo()).toContain('nothing to redo');
  });

  test('an undo before the first act of a session undoes the last act of an earlier one', async () => {
    const { session, source } = await startSession();
    await session.act('c1', { act: 'accept' });
    const later = new ReviewSession(source, { id: () => 'later', at: () => '2026-01-03T00:00:00.000Z' });
    await later.open('c1');
    expect(await later.undo()).toBeUndefined();
    expect((await later.view()).counts.pending).toBe(4);
    expect(await later.undo()).toContain('nothing to undo');
  });

  test('an act that cannot be written does not change the session', async () => {
    const { session, source } = await startSession();
    source.failure = new Error('disk full');
    await expect(session.act('c1', { act: 'accept' })).rejects.toThrow('disk full');
    expect(session.chainId).toBe('c1');
    expect(await session.undo()).toContain('nothing to undo');
    expect(await session.act('c1', { act: 'accept' })).toBeUndefined();
  });

  test('a neighbour that cannot be read does not keep the chain from being shown', async () => {
    const { session, source } = await startSession();
    source.unreadable.add('c2');
    const view = await session.view();
    expect([view.item?.chain.id, view.next, view.total]).toEqual(['c1', null, 4]);
  });

  test('a chain that cannot be read is left for the next one by a step', async () => {
    const { session, source } = await startSession();
    source.unreadable.add('c2');
    await session.go('next');
    await expect(session.view()).rejects.toThrow('cannot read c2');
    expect(await session.blank()).toMatchObject({ position: 2, total: 4, item: null });
    await session.go('next');
    expect((await session.view()).item?.chain.id).toBe('c3');
  });

  test('an edit or label that does not fit the text is refused in words and not written', async () => {
    const { session, source } = await startSession();
    const { length } = chainOf('c1').text;
    const misfits: Parameters<ReviewSession['act']>[1][] = [
      { act: 'edit', changes: [{ start: length, end: length + 1, insert: '' }] },
      { act: 'edit', changes: [{ start: 0, end: length, insert: '' }] },
      { act: 'label', kind: 'subgoal', start: 3, end: length + 1 },
      { act: 'label', kind: 'subgoal', start: 3, end: 3 },
      { act: 'unlabel', spanId: 'no such span' },
    ];
    for (const payload of misfits) expect(await session.act('c1', payload)).toContain('does not fit');
    expect(source.acts).toEqual([]);
    expect(await session.act('c1', { act: 'label', kind: 'subgoal', start: 3, end: length })).toBeUndefined();
    expect(source.acts).toHaveLength(1);
  });

  test('spans change places in one act, one undo brings them back, and what does not fit is not written', async () => {
    const { session, source } = await startSession();
    await session.act('c1', { act: 'label', kind: 'subgoal', start: 0, end: 12 });
    const add = [
      { kind: 'verification' as const, start: 0, end: 3 },
      { kind: 'verification' as const, start: 4, end: 12 },
    ];
    expect(await session.act('c1', { act: 'respan', remove: ['act-1'], add })).toBeUndefined();
    expect((await session.view()).item?.state.spans).toMatchObject(add);
    expect(await session.act('c1', { act: 'respan', remove: ['act-1'], add })).toContain('does not fit');
    expect(source.acts).toHaveLength(2);
    await session.undo();
    expect((await session.view()).item?.state.spans).toMatchObject([{ id: 'act-1', kind: 'subgoal' }]);
  });

  test('overruling a verdict stays on the chain, beside the decision, and is undone like any act', async () => {
    const { session } = await startSession();
    await session.act('c1', { act: 'override', outcome: 'incorrect', reason: 'both roots are wanted' });
    const seen = async () => (await session.view()).item;
    expect(await seen()).toMatchObject({
      chain: { id: 'c1', verdict: { outcome: 'correct' } },
      state: { decision: 'pending', override: { outcome: 'incorrect', reason: 'both roots are wanted' } },
    });
    await session.undo();
    expect((await seen())?.state.override).toBeUndefined();
  });

  describe('comparing samples of a problem', () => {
    async function startComparing() {
      const chains = ['s1', 's2', 's3', 's4', 's5'].map((id) => ({ ...chainOf(id), problemId: 'p' }));
      const source = new MemorySource([...chains, chainOf('other')]);
      let made = 0;
      const session = new ReviewSession(source, { id: () => `act-${++made}`, at: () => '2026-01-02T00:00:00.000Z' });
      await session.open('s1');
      const shown = async (chainIds: string[], columns: number) =>
        (await session.compared(chainIds, columns))?.items.map(({ chain }) => chain.id);
      const decisions = async () =>
        (await session.compared(['s1', 's2', 's3'], 3))?.items.map(({ state }) => [state.decision, state.reason]);
      return { source, session, shown, decisions };
    }
    const keep = (kept: string, ...others: string[]): ChainDecision[] => [
      { chainId: kept, act: { act: 'accept' } },
      ...others.map((chainId) => ({ chainId, act: { act: 'reject' as const, reason: 'another sample kept' } })),
    ];

    test('fills the columns with the samples that follow, and begins again at the first', async () => {
      const { session, shown } = await startComparing();
      expect(await shown(['s2'], 3)).toEqual(['s2', 's3', 's4']);
      expect(await shown(['s5'], 3)).toEqual(['s5', 's1', 's2']);
      expect(await shown(['s5', 's2'], 2)).toEqual(['s5', 's2']);
      expect(await shown(['s1', 'other', 'gone'], 2)).toEqual(['s1', 's2']);
      expect(await shown(['other'], 4)).toEqual(['other']);
      expect(await shown(['gone'], 2)).toBeUndefined();
      const found = await session.compared(['s1'], 4);
      expect(ToReader.safeParse({ type: 'compared', ack: 0, ...found }).error).toBeUndefined();
      expect(found?.ids).toEqual(['s1', 's2', 's3', 's4', 's5']);
    });

    test('keeping one is a single step: it stays at its chain, and one undo and redo take all of it', async () => {
      const { session, source, decisions } = await startComparing();
      expect(await session.decide(keep('s2', 's1', 's3'))).toBeUndefined();
      const kept = [
        ['rejected', 'another sample kept'],
        ['accepted', undefined],
        ['rejected', 'another sample kept'],
      ];
      expect(await decisions()).toEqual(kept);
      expect(session.chainId).toBe('s1');
      expect(source.acts.map(({ act, chainId }) => [act, chainId])).toEqual([
        ['accept', 's2'],
        ['reject', 's1'],
        ['reject', 's3'],
      ]);
      // A process that is killed while it writes leaves none of them.
      const [batch] = source.acts.map((act) => act.batch?.id);
      expect(source.acts.map((act) => act.batch)).toEqual([{ id: batch }, { id: batch }, { id: batch, last: true }]);
      expect(await session.undo()).toBeUndefined();
      expect(await decisions()).toEqual(Array(3).fill(['pending', undefined]));
      expect(session.chainId).toBe('s1');
      expect(await session.redo()).toBeUndefined();
      expect(await decisions()).toEqual(kept);
    });

    test('counts for the pace of the session, once for all samples', async () => {
      const { source } = await startComparing();
      let [made, acts] = [0, 0];
      const at = () => new Date(20_000 * ++acts).toISOString();
      const session = new ReviewSession(source, { id: () => `act-${++made}`, at });
      await session.open('s1');
      for (let step = 0; step < 5; step += 1) await session.decide(keep('s1'));
      expect((await session.view()).pace).toBeUndefined();
      await session.decide(keep('s1'));
      expect((await session.view()).pace).toMatchObject({ perHour: 180 });
    });

    test('an undo restores what the samples were before, in the order of the steps', async () => {
      const { session, decisions } = await startComparing();
      await session.act('s3', { act: 'reject', reason: 'wrong algebra' });
      await session.decide(keep('s3', 's1', 's2'));
      await session.undo();
      expect((await decisions())?.[2]).toEqual(['rejected', 'wrong algebra']);
      await session.undo();
      expect((await decisions())?.[2]).toEqual(['pending', undefined]);
      expect(session.chainId).toBe('s3');
    });

    test('writes nothing for a chain that is gone, and undoes nothing that was changed elsewhere', async () => {
      const { session, source } = await startComparing();
      expect(await session.decide(keep('s1', 'gone'))).toContain('Nothing was written');
      expect(source.acts).toEqual([]);
      await session.decide(keep('s1', 's2'));
      await source.append([{ act: 'skip', id: 'theirs', at: '', reviewer: 'tester', chainId: 's2' }]);
      expect(await session.undo()).toContain('The last act on s2 was made elsewhere');
      expect(source.acts).toHaveLength(3);
    });

    test('a step that can’t be written changes nothing', async () => {
      const { session, source, decisions } = await startComparing();
      source.failure = new Error('disk full');
      await expect(session.decide(keep('s1', 's2'))).rejects.toThrow('disk full');
      expect(await decisions()).toEqual(Array(3).fill(['pending', undefined]));
      expect(await session.undo()).toBe('There is nothing to undo.');
    });
  });

  test('keys pressed faster than the disk stay in order', async () => {
    const { session, source } = await startSession();
    await Promise.all([
      session.act('c1', { act: 'accept' }),
      session.act('c2', { act: 'reject' }),
      session.act('c3', { act: 'accept' }),
      session.undo(),
    ]);
    expect(source.acts.map(({ act, chainId }) => `${act} ${chainId}`)).toEqual([
      'accept c1',
      'reject c2',
      'accept c3',
      'undo c3',
    ]);
  });

  test('the ends of the queue are dead ends with words', async () => {
    const { session } = await startSession(1);
    expect(await session.go('previous')).toContain('first');
    expect(await session.go('next')).toContain('last');
    expect(await session.act('c1', { act: 'accept' })).toBe('That was the last chain of the queue.');
  });

  test('the end of the queue names the chains before it that are still pending', async () => {
    const { session } = await startSession(3);
    await session.go({ chainId: 'c3' });
    expect(await session.act('c3', { act: 'accept' })).toBe(
      'That was the last chain of the queue. 2 chains before it are still pending.',
    );
    await session.act('c1', { act: 'accept' });
    await session.go({ chainId: 'c3' });
    expect(await session.act('c3', { act: 'skip' })).toBe(
      'That was the last chain of the queue. 1 chain before it is still pending.',
    );
  });

  test('a chain decided under the filter "pending" keeps its place for `previous`', async () => {
    const { session, source } = await startSession();
    source.onlyPending = true;
    await session.open();
    await session.act('c1', { act: 'accept' });
    await session.act('c2', { act: 'accept' });
    await session.refresh();
    const view = await session.view();
    expect([view.item?.chain.id, view.previous?.chain.id, view.next?.chain.id]).toEqual(['c3', 'c2', 'c4']);
    expect([view.position, view.total]).toEqual([3, 4]);
  });

  test('chains that a running round adds appear behind, without a move', async () => {
    const { session, source } = await startSession(1);
    source.chains.push(chainOf('c2'));
    await session.refresh();
    const view = await session.view();
    expect([view.item?.chain.id, view.next?.chain.id, view.total]).toEqual(['c1', 'c2', 2]);
  });

  test('an empty queue fills later', async () => {
    const { session, source } = await startSession(0);
    expect((await session.view()).item).toBeNull();
    source.chains.push(chainOf('c1'));
    await session.refresh();
    expect((await session.view()).item?.chain.id).toBe('c1');
  });

  test('an act made in another window under the same name is not undone unseen', async () => {
    const { session, source } = await startSession();
    await session.act('c1', { act: 'accept' });
    source.acts.push({ act: 'reject', id: 'elsewhere', at: '', reviewer: 'tester', chainId: 'c1' });
    await session.refresh();
    expect(await session.undo()).toContain('elsewhere');
    expect(source.acts.filter(({ act }) => act === 'undo')).toEqual([]);
  });

  test('a chain outside the filter can be opened, with its neighbours around it', async () => {
    const { session, source } = await startSession();
    source.onlyPending = true;
    source.acts.push({ act: 'accept', id: 'x', at: '', reviewer: 'tester', chainId: 'c2' });
    await session.open('c2');
    const view = await session.view();
    expect([view.item?.chain.id, view.position, view.next?.chain.id]).toEqual(['c2', 0, 'c1']);
  });
});
