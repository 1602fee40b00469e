import { beforeEach, describe, expect, test } from 'vitest';
import { type Chain, RoundSummary } from '../../../src/core/schemas/index.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { datasetFor, serve } from '../../fixtures/scripted-dataset.ts';
import type { Scripted, ScriptedServer } from '../../fixtures/server.ts';
import { open, run } from '../../unit/verbs/run.ts';

const ROWS = [
  { id: 'kept-to-itself', problem: 'How many lamps line the path of 120 metres?', answer: '16' },
  { id: 'gives-itself-away', problem: 'How many goats are in the herd after two years?', answer: '240' },
  { id: 'solved', problem: 'What is 7 + 8?', answer: '15' },
];
const HINT = 'You are told that the right final answer is';

/** A SCRIPTED server: without the hint, two problems are answered wrongly; with it, both are solved, and one answer reveals it. */
function reply(body: Record<string, unknown>): Scripted {
  const asked = (body.messages as { content: string }[]).at(-1)?.content ?? '';
  const { id, answer } = ROWS.find(({ problem }) => asked.includes(problem)) ?? { id: '', answer: '' };
  const isHinted = asked.includes(`${HINT} ${answer}`);
  const value = isHinted || id === 'solved' ? answer : '3';
  if (asked.includes('Check whether')) {
    return { content: `Putting 3 back, the numbers of the problem do not come out.\nVerdict: wrong` };
  }
  if (asked.includes('work on it so far')) {
    const how = id === 'gives-itself-away' ? 'The correct answer is given as the goal. ' : '';
    return { content: `${how}Back from the end, every step fits what is given: \\boxed{${value}}.` };
  }
  if (asked.includes('not the most obvious')) {
    return { content: `Counting in another way, from the far end, I come to \\boxed{${value}}.` };
  }
  return { content: `First I need the number asked for, so \\boxed{${value}}.` };
}

describe('hinted rounds', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  let dataset: string;

  beforeEach(async () => {
    server = await serve(({ body }) => reply(body));
    dataset = await datasetFor(server, ROWS);
  });

  const generate = async (args: Partial<VerbArgs<'generate'>>): Promise<RoundSummary> =>
    RoundSummary.parse(
      await run('generate', {
        ...{
          dataset,
          problems: ROWS.length,
          keepPerProblem: 1,
          tries: { answer1: 2, answer2: 2, check: 1, summary: 1 },
        },
        ...args,
      }),
    );

  test('pass and mark a chain that hides the hint, filter out one that reveals it, and skip solved problems', async () => {
    await generate({});
    const blind = server.received.length;
    const { round, problems, chains, chainsPassed, kept } = await generate({ mode: 'hinted' });
    expect({ problems, chains, chainsPassed, kept }).toEqual({
      problems: 2,
      chains: 2,
      chainsPassed: 1,
      kept: { FT: 1, TT: 0, TF: 0, FF: 0 },
    });
    const made = new Map<string, Chain>();
    const opened = await open(dataset);
    for await (const chain of opened.chainLines(round)) made.set(chain.problemId, chain);
    await opened.close();
    expect(made.get('kept-to-itself')).toMatchObject({ hinted: true, class: 'FT', passed: true });
    const leaked = made.get('gives-itself-away');
    expect(leaked).toMatchObject({ hinted: true, class: 'FT', passed: false });
    expect(leaked?.filters.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual(['no-leak']);

    const asked = server.received.slice(blind).map(({ body }) => JSON.stringify(body.messages));
    const isFirst = (text: string): boolean => !/Check whether|work on it so far|not the most obvious/.test(text);
    expect(asked.filter(isFirst)).toHaveLength(4);
    expect(asked.every((text) => text.includes(HINT) !== isFirst(text))).toBe(true);
  });

  test('skip a problem that a hinted chain has passed', async () => {
    await generate({});
    await generate({ mode: 'hinted' });
    const { round } = await generate({ mode: 'hinted' });
    const opened = await open(dataset);
    expect((await opened.roundPlan(round)).problemIds).toEqual(['gives-itself-away']);
    await opened.close();
  });
});
