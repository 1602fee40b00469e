import { describe, expect, it } from 'vitest';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { answersByRate, RATED, rowsOf } from '../../fixtures/pass-rates.ts';
import { alive, until } from '../../fixtures/process.ts';
import { datasetFor, journalOf as journal, keysOf as keys, roundFile, serve } from '../../fixtures/scripted-dataset.ts';
import { run } from '../../unit/verbs/run.ts';

/** The server and two datasets that use it. */
async function setUp(latencyMs: number) {
  const answer = answersByRate(RATED);
  const server = await serve((request) => ({ ...answer(request), latencyMs }));
  const made = () => datasetFor(server, rowsOf(RATED), 'fine-tuned');
  return { server, dataset: await made(), other: await made() };
}

const ARGS = { policy: { policy: 'cascade', stages: [2, 4, 8] }, seed: 11, concurrency: 3 };

describe('a sampling round in its own process', () => {
  it('resumes after kill -9 in the middle of a cascade, and makes exactly the calls of an uninterrupted round', async () => {
    const { server, dataset: whole, other: stopped } = await setUp(30);
    const uninterrupted = RoundSummary.parse(await run('sample-round', { dataset: whole, ...ARGS }));

    const started = await run('sample-round', { dataset: stopped, ...ARGS, detach: true });
    if (!('pid' in started)) throw new Error('it did not detach');
    // After the first stage of all problems, and before the end of the second.
    await until(async () => (await journal(stopped, started.round)).some(({ index }) => index >= 3));
    process.kill(started.pid, 'SIGKILL');
    await until(async () => !alive(started.pid));
    const before = await journal(stopped, started.round);
    expect(before.length).toBeLessThan(uninterrupted.calls);
    expect((await run('status', { dataset: stopped })).rounds[0]).toMatchObject({
      kind: 'sampling',
      state: 'interrupted',
    });

    const askedBefore = server.received.length;
    const summary = RoundSummary.parse(await run('resume', { dataset: stopped, round: started.round }));
    const after = await journal(stopped, started.round);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(server.received.length - askedBefore).toBe(after.length - before.length);
    expect(keys(after)).toEqual(keys(await journal(whole, uninterrupted.round)));
    const { seconds: _seconds, ...same } = uninterrupted;
    expect(summary).toMatchObject({ ...same, finishedAt: expect.any(String), quotaDropped: expect.any(Array) });
    expect(new Set(summary.quotaDropped)).toEqual(new Set(uninterrupted.quotaDropped));

    const again = RoundSummary.parse(await run('resume', { dataset: stopped, round: started.round }));
    expect(again.sampling).toEqual(summary.sampling);
    expect((await journal(stopped, started.round)).length).toBe(after.length);
  }, 90_000);

  it('stops when cancelled, settles the samples that it has, and can be resumed', async () => {
    const { server, dataset } = await setUp(60);
    const started = await run('sample-round', { dataset, ...ARGS, detach: true });
    await until(async () => (await journal(dataset, started.round)).length >= 6);
    expect(await run('cancel', { dataset, round: started.round })).toEqual({
      round: started.round,
      state: 'cancelled',
    });
    const cancelled = await roundFile(dataset, started.round, 'summary.json', RoundSummary);
    expect(cancelled.sampling).toMatchObject({ ended: { how: 'cancelled' }, suspectGold: [] });
    const asked = server.received.length;
    await new Promise((done) => setTimeout(done, 300));
    expect(server.received.length).toBe(asked);
    const summary = RoundSummary.parse(await run('resume', { dataset, round: started.round }));
    expect(summary.sampling?.ended).toEqual({ how: 'finished' });
    expect(summary.seconds).toBeGreaterThan(cancelled.seconds);
  }, 90_000);

  it('fails with advice when the server becomes unreachable, and can be resumed', async () => {
    const { server, dataset } = await setUp(40);
    const started = await run('sample-round', { dataset, ...ARGS, detach: true });
    await until(async () => (await journal(dataset, started.round)).length >= 4);
    await server.close();
    await until(async () => (await run('status', { dataset })).rounds[0]?.state === 'failed', 60_000);
    expect((await run('status', { dataset })).rounds[0]?.runner?.message).toMatch(/Is the server running/);
  }, 90_000);
});
