import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evaluatedProblems, evaluatedSamples, readEvaluation } from '../../../src/store/evaluations.ts';
import { type ScriptedHub, type ScriptedRepo, startScriptedHub } from '../../fixtures/hub.ts';
import { datasetFor, serve } from '../../fixtures/scripted-dataset.ts';
import { type Heard, newDataset, open, run, temporaryFolder } from '../../unit/verbs/run.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function parquet(rows: readonly Record<string, string | number>[]): Uint8Array {
  const columnData = Object.keys(rows[0] ?? {}).map((name) => ({ name, data: rows.map((row) => row[name]) }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Sets in the shapes of the known ones: their file names, cards and columns, with sums in place of their problems. */
const GSM8K: ScriptedRepo = {
  commit: COMMIT,
  card: {
    license: 'mit',
    configs: ['main', 'socratic'].map((config_name) => ({
      config_name,
      data_files: ['train', 'test'].map((split) => ({ split, path: `${config_name}/${split}-*` })),
    })),
  },
  files: {
    'README.md': '---\nlicense: mit\n---\n',
    'main/test-00000-of-00001.parquet': parquet([
      { question: 'Ann has 2 pears and buys 3. How many?', answer: 'She has 2+3=<<2+3=5>>5.\n#### 5' },
      { question: 'Ben has 9 figs and eats 1. How many?', answer: 'He has 9-1=<<9-1=8>>8.\n#### 8' },
    ]),
    'main/train-00000-of-00001.parquet': parquet([{ question: 'What is 1 + 1?', answer: '#### 2' }]),
    'socratic/test-00000-of-00001.parquet': parquet([{ question: 'What is 3 + 3?', answer: 'How?\n#### 6' }]),
  },
  lfs: ['main/test-00000-of-00001.parquet', 'main/train-00000-of-00001.parquet'],
};
const MATH: ScriptedRepo = {
  commit: COMMIT,
  card: { task_categories: ['text-generation'] },
  files: {
    'test.jsonl': `${JSON.stringify({
      ...{ problem: 'Compute $1/2+1/2$.', solution: 'It is $\\boxed{1}$.', answer: '1', subject: 'Algebra', level: 2 },
      unique_id: 'test/algebra/7.json',
    })}\n`,
  },
};
const AIME: ScriptedRepo = {
  commit: COMMIT,
  card: { license: 'mit' },
  files: {
    'aime_2024_problems.parquet': parquet([
      { ID: '2024-I-1', Problem: 'Find $3\\cdot 68$.', Solution: 'It is $\\boxed{204}$.', Answer: 204 },
    ]),
  },
};

let hub: ScriptedHub;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  hub = await startScriptedHub({
    'openai/gsm8k': GSM8K,
    'HuggingFaceH4/MATH-500': MATH,
    'Maxwell-Jia/AIME_2024': AIME,
    'HuggingFaceH4/aime_2024': {
      ...AIME,
      files: {
        'data/train-00000-of-00001.parquet': parquet([
          { id: 60, problem: 'Every morning…', solution: '$\\boxed{204}$', answer: '204', url: 'x', year: '2024' },
        ]),
      },
    },
    'math-ai/aime24': {
      ...AIME,
      files: {
        'data/test-00000-of-00001.parquet': parquet([
          { id: 0, problem: 'Every morning…', solution: '$\\boxed{204}$', url: 'x' },
        ]),
      },
    },
  });
  env = { HF_ENDPOINT: hub.url, LONGHAND_CACHE: await temporaryFolder() };
});

afterEach(() => hub.close());

describe('longhand import hf:…', () => {
  test.each([
    ['hf:openai/gsm8k', 'gsm8k', { problem: 'Ann has 2 pears and buys 3. How many?', answer: '5', licence: 'mit' }],
    ['hf:gsm8k:/train', 'gsm8k', { problem: 'What is 1 + 1?', answer: '2' }],
    ['hf:openai/gsm8k:socratic', 'gsm8k', { problem: 'What is 3 + 3?', answer: '6' }],
    [
      'hf:HuggingFaceH4/MATH-500',
      'math-500',
      { id: 'test/algebra/7.json', answer: '1', level: 2, topic: 'algebra', solution: 'It is $\\boxed{1}$.' },
    ],
    ['hf:Maxwell-Jia/AIME_2024', 'aime-2024', { id: '2024-I-1', answer: '204' }],
    ['hf:aime_2024', 'aime-2024', { id: 'aime-2024-60', answer: '204' }],
    ['hf:math-ai/aime24', 'aime24', { id: 'aime24-0', answer: '204' }],
  ])('%s', async (file, name, first) => {
    const dataset = await newDataset();
    const result = await run('import', { dataset, file }, { env });
    expect(result.file).toBe(`problems/${name}.jsonl`);
    expect(result.bad).toEqual([]);
    const opened = await open(dataset);
    const problem = await opened.problem(opened.index.problems()[0]?.id ?? '');
    expect(problem).toMatchObject(first);
    expect(problem.source).toMatch(new RegExp(`^hf:.*@${COMMIT}$`));
    await opened.close();
  });

  test('as a benchmark, imports into its folder', async () => {
    const dataset = await newDataset();
    const result = await run('import', { dataset, file: 'hf:gsm8k', benchmark: true }, { env });
    expect(result).toMatchObject({ file: 'benchmarks/gsm8k.jsonl', imported: 2 });
  });

  test('recognises the columns of a known set whose columns were renamed', async () => {
    hub.repos = {
      'openai/gsm8k': { commit: COMMIT, files: { 'test.jsonl': '{"query":"What is 1+1?","target":"2"}\n' } },
    };
    const dataset = await newDataset();
    expect(await run('import', { dataset, file: 'hf:gsm8k' }, { env })).toMatchObject({ imported: 1 });
  });

  test('reports the name of a set without its hf: as a missing file', async () => {
    const dataset = await newDataset();
    await expect(run('import', { dataset, file: 'openai/gsm8k' }, { env })).rejects.toMatchObject({
      advice: expect.stringContaining('hf:openai/gsm8k'),
    });
    expect(hub.received).toEqual([]);
  });
});

test('preview shows the first rows, how they are read and where they come from', async () => {
  const result = await run('preview', { file: 'hf:openai/gsm8k' }, { env });
  expect(result).toMatchObject({
    format: 'parquet',
    rows: [{ question: expect.stringContaining('pears') }, {}],
    mapping: { problem: 'question', answer: 'answer', answerFrom: 'hash' },
    hub: { name: `hf:openai/gsm8k:main/test@${COMMIT}`, licence: 'mit' },
  });
});

test('a local Parquet file is imported and previewed', async () => {
  const path = join(await temporaryFolder(), 'mine.parquet');
  await writeFile(path, parquet([{ problem: 'What is 2+2?', answer: '4', level: 1 }]));
  expect(await run('preview', { file: path })).toMatchObject({ format: 'parquet', mapping: { level: 'level' } });
  const dataset = await newDataset();
  expect(await run('import', { dataset, file: path })).toMatchObject({ file: 'problems/mine.jsonl', imported: 1 });
});

test('traces are imported from a set too, with its name as their source', async () => {
  const row = { problem: 'What is 2+2?', answer: '4', generations: ['<think>2+2 is 4.</think>It is \\boxed{4}.'] };
  hub.repos = {
    'some/traces': { commit: COMMIT, card: { license: 'mit' }, files: { 'train.jsonl': `${JSON.stringify(row)}\n` } },
  };
  const dataset = await newDataset();
  const result = await run('import-traces', { dataset, file: 'hf:some/traces' }, { env });
  expect(result).toMatchObject({ round: '0-traces', traces: 1, newProblems: 1, outcomes: { correct: 1 } });
  const opened = await open(dataset);
  const [problem] = opened.index.problems();
  expect(await opened.problem(problem?.id ?? '')).toMatchObject({
    source: `hf:some/traces:/train@${COMMIT}`,
    licence: 'mit',
  });
  await opened.close();
});

describe('longhand evaluate --problems hf:…', () => {
  const datasetWithModel = async () => datasetFor(await serve(() => ({ content: 'It is \\boxed{5}.' })), []);

  test('pins the commit in plan, problems and report, and resumes without the hub', async () => {
    const dataset = await datasetWithModel();
    const heard: Heard = { progress: [], log: [] };
    const args = { dataset, problems: 'hf:openai/gsm8k', k: 2 };
    const { plan, result, report } = await run('evaluate', args, { env, heard });
    const name = `hf:openai/gsm8k:main/test@${COMMIT}`;
    expect(plan.evaluation).toBe('1-base-gsm8k');
    expect(plan.set).toMatchObject({
      from: 'hub',
      size: 2,
      hub: { name, commit: COMMIT, licence: 'mit', host: hub.host },
    });
    expect(result?.scores.average.value).toBe(0.5);
    const stored = await readEvaluation(dataset, plan.evaluation);
    expect((await evaluatedProblems(stored)).map(({ source, licence }) => [source, licence])).toEqual([
      [name, 'mit'],
      [name, 'mit'],
    ]);
    const text = await readFile(report ?? '', 'utf8');
    expect(text).toContain(`problems of \`${name}\``);
    expect(text).toContain('main/test-00000-of-00001.parquet`; licence `mit`');
    expect(heard.log.join('\n')).toContain(`${name}: main/test-00000-of-00001.parquet; licence mit.`);
    expect(heard.progress.some(({ unit, message }) => unit === 'bytes' && message?.includes('openai/gsm8k'))).toBe(
      true,
    );
    await hub.close();
    await run('evaluate', { dataset, resume: plan.evaluation });
    expect(await evaluatedSamples(stored.folder)).toHaveLength(4);
    // Without the hub, the same set is evaluated again from the cache, and the two can be compared.
    const again = await run('evaluate', args, { env, heard });
    expect(again.plan.problemsHash).toBe(plan.problemsHash);
    expect(heard.log.join('\n')).toContain('from the cache');
  }, 60_000);

  test('accepts levels and limits as for a file; a cancelled download plans nothing', async () => {
    const dataset = await datasetWithModel();
    const problems = 'hf:HuggingFaceH4/MATH-500';
    await expect(run('evaluate', { dataset, problems, levels: ['5'], plan: true }, { env })).rejects.toThrow(
      /level and topic/,
    );
    expect((await run('evaluate', { dataset, problems, levels: ['2'], plan: true }, { env })).plan.problems).toBe(1);
    const stop = new AbortController();
    hub.before = ({ path }) => {
      if (path.includes('/resolve/')) stop.abort(new Error('cancelled'));
      return false;
    };
    const other = { dataset, problems: 'hf:openai/gsm8k' };
    await expect(run('evaluate', other, { env, signal: stop.signal })).rejects.toThrow('cancelled');
    await expect(readEvaluation(dataset, '1-base-gsm8k')).rejects.toThrow(/no evaluation/);
  }, 60_000);
});

test('view copies the file of a set, which a side file may lie beside', async () => {
  const into = await temporaryFolder();
  const { file } = await run('view', { file: 'hf:HuggingFaceH4/MATH-500', into, noEditor: true }, { env });
  expect(file).toBe(join(into, `HuggingFaceH4-MATH-500-${COMMIT.slice(0, 7)}-test.jsonl`));
  expect(await readFile(file, 'utf8')).toBe(MATH.files['test.jsonl']);
  const again = await run('view', { file: 'hf:HuggingFaceH4/MATH-500', into, noEditor: true }, { env });
  expect(again).toEqual({ file });
});
