import { beforeEach, describe, expect, it } from 'vitest';
import { Chain, RoundSummary } from '../../../src/core/schemas/index.ts';
import { alive, resultOf, startLonghand, until } from '../../fixtures/process.ts';
import { datasetFor, journalOf, roundLines, serve, stateOf, sums } from '../../fixtures/scripted-dataset.ts';
import type { Scripted, ScriptedServer } from '../../fixtures/server.ts';

const PROBLEMS = 6;

/** Answers by the request: the first answer is wrong, the check finds the error, the second answer is right. */
function reply(body: Record<string, unknown>): Scripted {
  const messages = body.messages as { content: string }[];
  const asked = messages.at(-1)?.content ?? '';
  const sum = /What is (\d+) \+ (\d+)\?/.exec(asked);
  const right = Number(sum?.[1]) + Number(sum?.[2]);
  if (asked.includes('Check whether'))
    return { content: 'Adding the numbers once more gives something else.\nVerdict: wrong' };
  if (asked.includes('work on it so far'))
    return { content: `Going back from the total to the parts works. \\boxed{${right}}` };
  if (asked.includes('not the most obvious')) return { content: `Counting up in ones, I arrive at \\boxed{${right}}.` };
  return { content: `First I need to add the two numbers, so \\boxed{${right - 1}}.` };
}

describe('a round in its own process', () => {
  let folder: string;
  let server: ScriptedServer;
  const journal = (round: string) => journalOf(folder, round);
  const chainLines = (round: string) => roundLines(folder, round, 'chains.jsonl', Chain);
  const runner = (round: string) => stateOf(folder, round);
  const longhand = <T = unknown>(verb: string, args: object): Promise<T> => {
    const input = JSON.stringify({ dataset: folder, ...args });
    return resultOf(startLonghand([verb, '--args-json', '-', '--json'], { input }));
  };

  beforeEach(async () => {
    server = await serve((request) => ({ ...reply(request.body), latencyMs: 60 }));
    folder = await datasetFor(server, sums(PROBLEMS));
  });

  it('resumes after kill -9 without paying twice, with the result of an uninterrupted round', async () => {
    const { round, pid } = await longhand<{ round: string; pid: number }>('generate', {
      problems: PROBLEMS,
      detach: true,
      seed: 7,
    });
    await until(async () => (await journal(round)).length >= 20);
    // The state is written twice a second: a fast first run may not have recorded its time yet.
    await until(async () => {
      const { startedAt, updatedAt } = await runner(round);
      return Date.parse(updatedAt) > Date.parse(startedAt);
    });
    process.kill(pid, 'SIGKILL');
    await until(async () => !alive(pid));
    const before = await journal(round);
    const { startedAt, updatedAt } = await runner(round);
    const secondsOfFirstRun = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000;
    expect(secondsOfFirstRun).toBeGreaterThan(0);
    const receivedBefore = server.received.length;
    expect((await longhand<{ rounds: { round: string; state: string }[] }>('status', {})).rounds).toContainEqual(
      expect.objectContaining({ round, state: 'interrupted' }),
    );

    const summary = RoundSummary.parse(await longhand('resume', { round }));
    const after = await journal(round);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => line.key)).size).toBe(after.length);
    // Only calls that were in flight when the runner died are made again.
    expect(server.received.length - receivedBefore).toBe(after.length - before.length);
    expect(summary.calls).toBe(after.length);
    // The time of the first run counts too.
    expect((await runner(round)).secondsBefore).toBeCloseTo(secondsOfFirstRun, 5);
    expect(summary.seconds).toBeGreaterThan(secondsOfFirstRun);
    expect(summary.kept).toEqual({ FT: PROBLEMS * 3, TT: 0, TF: 0, FF: 0 });
    // A chain is written when it is made, and again at the end of the round, when its length can be compared with others.
    const chains = await chainLines(round);
    const made = chains.slice(0, PROBLEMS * 3);
    const banded = chains.slice(PROBLEMS * 3);
    expect(new Set(made.map(({ id }) => id)).size).toBe(PROBLEMS * 3);
    const withoutBand = banded.map((chain) => ({
      ...chain,
      filters: chain.filters.filter(({ id }) => id !== 'length-band'),
    }));
    expect(withoutBand).toEqual(made);
    expect(banded.every(({ filters }) => filters.some(({ id }) => id === 'length-band'))).toBe(true);

    const again = RoundSummary.parse(await longhand('resume', { round }));
    expect(again.kept).toEqual(summary.kept);
    expect((await journal(round)).length).toBe(after.length);
    expect(await chainLines(round)).toEqual(chains);
  }, 60_000);

  it('stops when cancelled, reports that, and can be resumed', async () => {
    const { round } = await longhand<{ round: string }>('generate', { problems: PROBLEMS, detach: true });
    await until(async () => (await journal(round)).length >= 5);
    expect(await longhand('cancel', { round })).toEqual({ round, state: 'cancelled' });
    const stopped = server.received.length;
    await new Promise((done) => setTimeout(done, 300));
    expect(server.received.length).toBe(stopped);
    expect(RoundSummary.parse(await longhand('resume', { round })).chains).toBe(PROBLEMS * 3);
  }, 60_000);

  it('fails with advice when the server can’t be reached', async () => {
    await server.close();
    const { round, pid } = await longhand<{ round: string; pid: number }>('generate', { problems: 1, detach: true });
    await until(async () => !alive(pid), 50_000);
    const state = await runner(round);
    expect(state.state).toBe('failed');
    expect(state.message).toMatch(/Is the server running/);
  }, 60_000);
});
