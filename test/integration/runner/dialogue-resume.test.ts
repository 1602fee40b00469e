import { describe, expect, it } from 'vitest';
import { type Chain, RoundSummary } from '../../../src/core/schemas/index.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { alive, until } from '../../fixtures/process.ts';
import { datasetFor, journalOf as journal, keysOf as keys, serve, sums } from '../../fixtures/scripted-dataset.ts';
import type { Scripted } from '../../fixtures/server.ts';
import { open, run } from '../../unit/verbs/run.ts';

const PROBLEMS = 6;
const TRIES = { answer1: 3, answer2: 2, check: 2, summary: 2 };

/** A SCRIPTED server whose replies depend on the request only: seeds decide which answers, checks and summaries are right. */
function reply(body: Record<string, unknown>): Scripted {
  const messages = body.messages as { content: string }[];
  const asked = messages.at(-1)?.content ?? '';
  const sum = messages
    .map(({ content }) => /What is (\d+) \+ (\d+)\?/.exec(content))
    .findLast((found) => found !== null);
  const right = Number(sum?.[1]) + Number(sum?.[2]);
  const seed = Number(body.seed);
  if (/check whether/i.test(asked)) {
    return { content: `Adding the numbers in another order, I compare.\nVerdict: ${seed % 3 ? 'wrong' : 'correct'}` };
  }
  if (/work on it so far|If your solutions/.test(asked)) {
    return { content: `Going back from the total to the parts, it works. \\boxed{${right + (seed % 4 ? 0 : 1)}}` };
  }
  return { content: `First I need to add the two numbers, so it is \\boxed{${right + (seed % 3)}}.` };
}

/** The latest line of each chain, in the order of their ids, without the time of creation. */
async function chains(folder: string, round: string): Promise<Omit<Chain, 'createdAt'>[]> {
  const dataset = await open(folder);
  try {
    const byId = new Map<string, Omit<Chain, 'createdAt'>>();
    for await (const { createdAt: _, ...chain } of dataset.chainLines(round)) byId.set(chain.id, chain);
    return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  } finally {
    await dataset.close();
  }
}

describe('a dialogue round that is killed', () => {
  it.each<{ name: string; args: Partial<VerbArgs<'generate'>>; middle: string }>([
    { name: 'three answers in separate calls', args: { turns: 3, asking: 'separate' }, middle: 'check[2]' },
    { name: 'two answers in one dialogue', args: { turns: 2, asking: 'dialogue' }, middle: 'answer[2]' },
  ])(
    'has exactly the calls and chains of an uninterrupted round: $name',
    async ({ args, middle }) => {
      const server = await serve(({ body }) => ({ ...reply(body), latencyMs: 40 }));
      const [whole, stopped] = [await datasetFor(server, sums(PROBLEMS)), await datasetFor(server, sums(PROBLEMS))];
      const all = { problems: PROBLEMS, seed: 7, tries: TRIES, ...args };
      const uninterrupted = RoundSummary.parse(await run('generate', { dataset: whole, ...all }));
      const { round } = uninterrupted;
      expect(uninterrupted.calls).toBe(server.received.length);

      const started = await run('generate', { dataset: stopped, ...all, detach: true });
      if (!('pid' in started)) throw new Error('it did not detach');
      await until(async () => (await journal(stopped, round)).some(({ piece }) => piece === middle));
      process.kill(started.pid, 'SIGKILL');
      await until(async () => !alive(started.pid));
      const before = await journal(stopped, round);
      expect(before.length).toBeLessThan(uninterrupted.calls);

      const askedBefore = server.received.length;
      const summary = RoundSummary.parse(await run('resume', { dataset: stopped, round }));
      const after = await journal(stopped, round);
      expect(after.slice(0, before.length)).toEqual(before);
      expect(server.received.length - askedBefore).toBe(after.length - before.length);
      expect(new Set(keys(after)).size).toBe(after.length);
      expect(keys(after)).toEqual(keys(await journal(whole, round)));
      const made = await chains(stopped, round);
      expect(made.length).toBeGreaterThan(0);
      expect(made).toEqual(await chains(whole, round));
      const { seconds: _seconds, finishedAt: _finishedAt, ...same } = uninterrupted;
      expect(summary).toMatchObject(same);
    },
    90_000,
  );
});
