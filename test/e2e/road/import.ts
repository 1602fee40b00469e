import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Chain, Problem } from '../../../src/core/schemas/index.ts';
import type { Road, RoadStep } from './road.ts';

/** Marks the imported problems, so that the round can take these and no others. */
export const ROAD_TOPIC = 'road arithmetic';

/** One-step sums: the most that a model of 135 million parameters gets right now and then. In the shape of GSM8K's rows. */
const SUMS: readonly [number, number][] = [
  [2, 3],
  [4, 5],
  [6, 1],
  [3, 7],
  [5, 5],
];
const rows = SUMS.map(([a, b]) => ({
  question: `What is ${a} + ${b}?`,
  answer: `${a} + ${b} = <<${a}+${b}=${a + b}>>${a + b}\n#### ${a + b}`,
  topic: ROAD_TOPIC,
  level: 1,
}));

async function problems(road: Road): Promise<Problem[]> {
  const files = (await road.list('problems')).filter((name) => name.endsWith('.jsonl'));
  return files.flatMap((file) => road.lines(Problem, 'problems', file));
}

export const importProblems: RoadStep = {
  name: 'import problems, with a duplicate and a bad line',
  async walk(road) {
    const { workbench } = road;
    const file = join(road.inputs, 'sums.jsonl');
    const lines = rows.map((row) => JSON.stringify(row));
    const again = JSON.stringify({ ...rows[0], question: `  What  is ${SUMS[0]?.[0]} + ${SUMS[0]?.[1]}?` });
    await writeFile(file, `${[...lines.slice(0, 2), '{"question": broken', ...lines.slice(2), again].join('\n')}\n`);
    const before = await problems(road);
    await workbench.command('Longhand: Import Problems…');
    await workbench.pick('A file…');
    await workbench.chooseFile(file);
    await workbench.asks('Nothing is written before you confirm.');
    await workbench.asks('What is 2 + 3?');
    await workbench.asks('after the last ####');
    await workbench.screenshot('1-import-preview');
    assert.deepEqual(await problems(road), before, 'something was written before the confirmation');
    await workbench.pick(/^\s*Import into /);
    const shown = await workbench.notified(/Imported \d/);
    const imported = (await problems(road)).filter(({ topic }) => topic === ROAD_TOPIC);
    assert.deepEqual(
      imported.map(({ problem, answer }) => [problem, answer]),
      SUMS.map(([a, b]) => [`What is ${a} + ${b}?`, String(a + b)]),
    );
    assert.match(shown, /1 duplicate/, 'the duplicate was not reported');
    await workbench.button('Show Bad Lines');
    await workbench.page.locator('.editor-instance .view-lines').filter({ hasText: /3/ }).first().waitFor();
    await workbench.screenshot('1-import-bad-lines');
    await workbench.command('View: Close All Editors');
    return `${imported.length} problems imported, 1 duplicate skipped, 1 bad line reported (line 3)`;
  },
};

const TRACES = [
  {
    messages: [
      { role: 'user', content: 'What is 2 + 3?' },
      {
        role: 'assistant',
        content:
          '<think>Two and three. Counting on from two: three, four, five. Let me check: 5 - 3 = 2, so that is right.</think>The sum is \\boxed{5}.',
      },
    ],
  },
  {
    messages: [
      { role: 'user', content: 'What is 4 + 5?' },
      {
        role: 'assistant',
        content:
          '<think>Four and five make eight. Wait, four and four make eight, so it is one more.</think>\\boxed{8}',
      },
    ],
  },
];

export const importTraces: RoadStep = {
  name: 'import traces of these problems',
  async walk(road) {
    const { workbench } = road;
    const file = join(road.inputs, 'traces.jsonl');
    await writeFile(file, `${TRACES.map((row) => JSON.stringify(row)).join('\n')}\n`);
    const before = await road.list('rounds');
    await workbench.command('Longhand: Import Traces…');
    await workbench.chooseFile(file);
    await workbench.asks('Nothing is written before you confirm.');
    await workbench.screenshot('2-traces-preview');
    assert.deepEqual(await road.list('rounds'), before, 'something was written before the confirmation');
    await workbench.pick(/^\s*Import into /);
    await workbench.notified(/Imported \d+ traces/);
    const [round = ''] = (await road.list('rounds')).filter((name) => !before.includes(name));
    const chains = road.lines(Chain, 'rounds', round, 'chains.jsonl');
    assert.deepEqual(
      chains.map(({ origin, verdict }) => [origin, verdict.outcome]),
      [
        ['imported', 'correct'],
        ['imported', 'incorrect'],
      ],
    );
    return `${chains.length} traces in ${round}, matched, graded: 1 correct, 1 incorrect`;
  },
};
