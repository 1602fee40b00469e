import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { datasetFor, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { open, run } from '../../unit/verbs/run.ts';

const PROBLEMS = 24;

/** Text without repetition. */
const filler = (count: number): string =>
  Array.from({ length: count }, (_, i) => `Then I look at part ${i + 1} of it once more`).join(', ');

/** SCRIPTED: wrong, found to be wrong, right, right. The chain grows with i; the last one is an outlier. */
function reply({ body }: Received): Scripted {
  const asked = (body.messages as { content: string }[]).at(-1)?.content ?? '';
  const [, first, second] = /What is (\d+) plus (\d+)\?/.exec(asked) ?? [];
  const right = Number(first) + Number(second);
  if (asked.includes('Check whether'))
    return { content: 'Adding them once more gives something else.\nVerdict: wrong' };
  if (asked.includes('work on it so far')) return { content: `From the total back to the parts: \\boxed{${right}}` };
  const nth = Number(first) - 10;
  const padding = filler(nth === PROBLEMS - 1 ? 200 : nth);
  if (asked.includes('not the most obvious'))
    return { content: `Counting up by ones. ${padding}. So I arrive at \\boxed{${right}}.` };
  return { content: `First I need to add both, which makes \\boxed{${right - 1}}.` };
}

describe('the length band of a generated round', () => {
  test('rejects the shortest and longest chains at the end of the round, records the reason, and is unchanged by a resume', async () => {
    const server = await serve(reply);
    const rows = Array.from({ length: PROBLEMS }, (_, i) => ({
      ...{ id: `p${i}`, problem: `What is ${i + 10} plus ${i + 100}?`, answer: String(2 * i + 110) },
    }));
    const dataset = await datasetFor(server, rows);
    const tries = { answer1: 1, answer2: 1, check: 1, summary: 1 };
    const summary = RoundSummary.parse(await run('generate', { dataset, problems: PROBLEMS, tries }));
    const opened = await open(dataset);
    const chains = await Promise.all(opened.index.chains().map(({ id }) => opened.chain(id)));
    expect(chains).toHaveLength(PROBLEMS);
    const bandOf = (nth: number) => {
      const chain = chains.find(({ problemId }) => problemId === `p${nth}`);
      return { chain, band: chain?.filters.find(({ id }) => id === 'length-band') };
    };
    // Of 24 lengths the 5 % quantile lies between the second and the third, the 95 % quantile between the 22nd and the 23rd.
    const rejected = Array.from({ length: PROBLEMS }, (_, i) => i).filter((i) => bandOf(i).band?.passed === false);
    expect(rejected).toEqual([0, 1, PROBLEMS - 2, PROBLEMS - 1]);
    expect(bandOf(0).band?.reason).toContain('shortest');
    const { chain, band } = bandOf(PROBLEMS - 1);
    expect(band).toMatchObject({ value: chain?.text.length, threshold: bandOf(5).band?.threshold });
    expect(band?.reason).toContain('longest');
    expect(chain?.passed).toBe(false);
    expect(chains.filter(({ passed }) => passed)).toHaveLength(PROBLEMS - rejected.length);
    expect(summary).toMatchObject({ chains: PROBLEMS, chainsPassed: PROBLEMS - 4, kept: { FT: PROBLEMS - 4 } });
    const path = join(dataset, 'rounds', summary.round, 'chains.jsonl');
    const before = await readFile(path, 'utf8');
    const asked = server.received.length;
    const again = RoundSummary.parse(await run('resume', { dataset, round: summary.round }));
    expect(again.kept).toEqual(summary.kept);
    expect(await readFile(path, 'utf8')).toBe(before);
    expect(server.received).toHaveLength(asked);
    await opened.close();
  }, 60_000);
});
