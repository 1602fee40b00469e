import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Chain } from '../../../src/core/schemas/index.ts';
import { file, type Heard, newDataset, open, run, SHARED } from '../../unit/verbs/run.ts';

const Q = 'What is 6 times 7?';
const RIGHT = 'Six sevens are $36+6$, so the answer is $\\boxed{42}$.';
const WRONG = 'Six sevens are nearly fifty, so the answer is $\\boxed{48}$.';

async function chainsOf(dataset: string): Promise<Chain[]> {
  const opened = await open(dataset);
  return Promise.all(opened.index.chains().map(({ id }) => opened.chain(id)));
}

/** A dataset that contains the problem Q. */
async function withProblem(): Promise<string> {
  const dataset = await newDataset();
  await run('import', { dataset, file: await file('known.jsonl', [{ id: 'known', problem: Q, answer: '42' }]) });
  return dataset;
}

describe('importing traces', { timeout: 60_000 }, () => {
  test('uses named columns where none is recognised, and instead of recognised ones', async () => {
    const dataset = await newDataset();
    const rows = [{ aufgabe: Q, verlauf: RIGHT, loesung: 'x #### 42', prompt: 'What is 1?', response: WRONG }];
    const path = await file('a.jsonl', rows);
    const unknown = rows.map(({ aufgabe, verlauf, loesung }) => ({ aufgabe, verlauf, loesung }));
    const refused = run('import-traces', { dataset, file: await file('b.jsonl', unknown) });
    await expect(refused).rejects.toMatchObject({ advice: expect.stringContaining('--problem and --trace') });
    const mapping = { problem: 'aufgabe', trace: 'verlauf', answer: 'loesung', answerFrom: 'hash' } as const;
    expect(await run('import-traces', { dataset, file: path, mapping })).toMatchObject({
      ...{ traces: 1, newProblems: 1, outcomes: { correct: 1 } },
    });
    expect((await chainsOf(dataset))[0]?.text).toBe(RIGHT);
  });

  test('makes a round of graded chains, ready for review', async () => {
    const dataset = await newDataset();
    const rows = [
      {
        id: 'r1',
        problem_id: 'q1',
        problem: Q,
        gold: '42',
        trace: `<think>Let me see, six sevens.</think>${RIGHT}`,
        model: 'some/model',
      },
      { id: 'r2', problem_id: 'q1', problem: Q, gold: '42', trace: WRONG, correct: true, model: 'some/model' },
    ];
    const result = await run('import-traces', { dataset, file: await file('Some Traces.jsonl', rows) });
    expect(result).toMatchObject({
      round: '0-some-traces',
      rows: 2,
      traces: 2,
      newProblems: 1,
      duplicates: 0,
      bad: [],
    });
    expect(result.outcomes).toEqual({ correct: 1, incorrect: 1 });
    expect(result.passed).toBe(1);
    const [right, wrong] = await chainsOf(dataset);
    const text = `Let me see, six sevens.\n\n${RIGHT}`;
    expect(right).toMatchObject({
      ...{
        id: 'r1',
        round: '0-some-traces',
        problemId: 'q1',
        origin: 'imported',
        text,
        passed: true,
        model: 'some/model',
      },
      segments: [
        { piece: 'trace', start: 0, end: 25, train: true },
        { piece: 'response', start: 25, end: text.length, train: true },
      ],
      verdict: { outcome: 'correct', extracted: '42' },
      pieces: [
        { piece: 'trace', text: 'Let me see, six sevens.' },
        { piece: 'summary', text: RIGHT, finish: 'stop' },
      ],
    });
    expect(wrong).toMatchObject({ id: 'r2', passed: false, verdict: { outcome: 'incorrect' } });
    expect(wrong?.filters.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual(['final-correct']);
    const opened = await open(dataset);
    expect(await opened.problem('q1')).toMatchObject({ problem: Q, answer: '42', source: 'Some Traces.jsonl' });
    expect(await opened.roundStatuses()).toMatchObject([
      { kind: 'imported', state: 'finished', chains: 2, chainsPassed: 1 },
    ]);
    expect(await opened.roundPlan('0-some-traces')).toMatchObject({ problemIds: ['q1'], from: 'Some Traces.jsonl' });
  });

  test('matches traces without a gold to the problems of the dataset, whatever surrounds the question', async () => {
    const dataset = await withProblem();
    const asked = `Please reason step by step, and put your final answer within \\boxed{}.\n${Q.toUpperCase()}`;
    const messages = [
      { role: 'user', content: asked },
      { role: 'assistant', content: RIGHT },
    ];
    const rows = [
      { messages },
      {
        messages: [
          { role: 'user', content: 'What is 1+1?' },
          { role: 'assistant', content: RIGHT },
        ],
      },
    ];
    const result = await run('import-traces', { dataset, file: await file('chat.jsonl', rows) });
    expect(result).toMatchObject({ traces: 1, newProblems: 0, outcomes: { correct: 1 } });
    expect(result.bad).toEqual([{ line: 2, reason: 'it has no gold answer, and its problem is not in the dataset' }]);
    expect(await chainsOf(dataset)).toMatchObject([{ problemId: 'known' }]);
  });

  test('grades each value that a trace proposes, each once', async () => {
    const dataset = await withProblem();
    const response = 'So the answer is 41. Wait, once more: the answer is \\(\\frac{84}{2}\\). Thus \\boxed{42}.';
    const path = await file('t.jsonl', [{ problem: Q, answer: '42', response }]);
    await run('import-traces', { dataset, file: path });
    const [chain] = await chainsOf(dataset);
    expect(chain?.candidates).toEqual({ '41': 'incorrect', '\\frac{84}{2}': 'correct', '42': 'correct' });
  });

  test('grades against the gold of the dataset, and reports where the file has another', async () => {
    const dataset = await withProblem();
    const heard: Heard = { progress: [], log: [] };
    const path = await file('t.jsonl', [{ problem: Q, answer: '48', response: WRONG }]);
    const result = await run('import-traces', { dataset, file: path }, { heard });
    expect(result.outcomes).toEqual({ incorrect: 1 });
    expect(heard.log.join()).toContain('its gold is 48; it is graded against 42');
  });

  test('a truncated thought contains no answer', async () => {
    const dataset = await withProblem();
    const path = await file('t.jsonl', [{ problem: Q, trace: '<think>It may be \\boxed{42}, but I am not sure yet' }]);
    const result = await run('import-traces', { dataset, file: path });
    expect(result.outcomes).not.toHaveProperty('correct');
    const [chain] = await chainsOf(dataset);
    expect(chain).toMatchObject({
      text: 'It may be \\boxed{42}, but I am not sure yet',
      pieces: [{ finish: 'length' }],
    });
    expect(chain?.filters.filter(({ passed }) => !passed).map(({ id }) => id)).toContain('finished');
  });

  test('every generation of a row is a chain; the same text of a problem is imported once, also in a second import', async () => {
    const dataset = await newDataset();
    const rows = [{ id: 'x', problem: Q, answer: '42', generations: [RIGHT, WRONG, RIGHT] }];
    const first = await run('import-traces', { dataset, file: await file('g.jsonl', rows) });
    expect(first).toMatchObject({ rows: 1, traces: 2, duplicates: 1 });
    expect((await chainsOf(dataset)).map(({ id }) => id)).toEqual(['x', 'x#2']);
    const again = run('import-traces', { dataset, file: await file('h.jsonl', rows) });
    await expect(again).rejects.toThrow('in the dataset already');
    expect(await readdir(join(dataset, 'rounds'))).toEqual(['0-g']);
  });

  test('ids of the file are kept where they are unused', async () => {
    const dataset = await newDataset();
    const rows = [RIGHT, WRONG].map((trace) => ({ id: 'same', problem: Q, gold: '42', trace }));
    await run('import-traces', { dataset, file: await file('t.jsonl', rows) });
    const ids = (await chainsOf(dataset)).map(({ id }) => id);
    expect(ids).toEqual(['same', expect.stringMatching(/^t-[0-9a-f]{10}$/)]);
  });

  test('a cancel in the middle leaves no round and no problem', async () => {
    const dataset = await newDataset();
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      problem: `What is ${i} + 1?`,
      gold: `${i + 1}`,
      trace: `It is \\boxed{${i + 1}}.`,
    }));
    const path = await file('t.jsonl', rows);
    const cancel = new AbortController();
    let steps = 0;
    const onProgress = (): void => {
      if (steps++ === 1) cancel.abort();
    };
    await expect(run('import-traces', { dataset, file: path }, { signal: cancel.signal, onProgress })).rejects.toThrow(
      /abort/i,
    );
    expect(steps).toBeGreaterThan(1);
    expect(await readdir(join(dataset, 'rounds'))).toEqual([]);
    expect(existsSync(join(dataset, 'problems'))).toBe(false);
  });

  test('an unrelated file is refused, and no round is made', async () => {
    const dataset = await newDataset();
    const path = await file('p.jsonl', [{ problem: Q, answer: '42' }]);
    await expect(run('import-traces', { dataset, file: path })).rejects.toThrow(
      'No column looks like a chain of thought',
    );
    expect(existsSync(join(dataset, 'rounds'))).toBe(false);
  });
});

const ANCHORS = join(SHARED, 'traces/thought_anchors_math.jsonl');
const SKY = join(SHARED, 'traces/sky_t1_aime24_8runs.jsonl');

describe.skipIf(!existsSync(ANCHORS))('published traces (skipped where ../shared/data is absent)', () => {
  test.each([
    [ANCHORS, 40, 10],
    [SKY, 240, 30],
  ])(
    '%s: all are imported, and grading agrees with labels that it did not read',
    async (path, traces, newProblems) => {
      const dataset = await newDataset();
      const result = await run('import-traces', { dataset, file: path });
      expect(result).toMatchObject({ traces, newProblems, duplicates: 0, bad: [] });
      const labels = (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const graded = new Map((await chainsOf(dataset)).map((chain) => [chain.id, chain.verdict.outcome === 'correct']));
      expect(labels.filter(({ id, correct }) => graded.get(id) !== correct)).toEqual([]);
    },
    120_000,
  );
});
