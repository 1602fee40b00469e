import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { toGguf } from '../../../src/serving/gguf.ts';
import { inspectModel } from '../../../src/serving/model.ts';
import { listRuns } from '../../../src/store/runs.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { longhandJson, startLonghand, until } from '../../fixtures/process.ts';
import { missing, PYTHON, smallestLlama, suite } from '../trainers/python.ts';

type Compared = VerbResult<'compare-selections'>;

/** Converts a model for the starter's server once: its copies have the GGUF file already. */
async function convert(model: string): Promise<void> {
  const { signal } = new AbortController();
  const python = 'path' in PYTHON ? PYTHON.path : undefined;
  const options = { python, type: 'f32', cache: cacheFolder(), env: process.env, signal, onLine: () => {} } as const;
  await toGguf(await inspectModel(model, { signal }), options);
}

const NUMBERS = [1, 2, 3, 4, 5, 6];
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** In place of a trainer, which other tests run: the trained model is the base model, a second later. */
const COPY = [process.execPath, '-e', "setTimeout(() => fs.cpSync('${model}', '${out}', { recursive: true }), 1000)"];

/** Two selections, whose models are served and measured for real. What the models answer is no finding. */
describe.skipIf(missing !== undefined)(suite('a comparison of selections'), { timeout: 900_000 }, () => {
  let folder: string;
  let dataset: string;
  let flags: string[];
  const programs = [
    ...['--command', JSON.stringify(COPY), '--server-type', 'f32'],
    ...('path' in PYTHON ? ['--server-python', PYTHON.path] : []),
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-selections-'));
    dataset = join(folder, 'dataset');
    const [problems, traces, heldOut, model] = ['problems', 'traces', 'held-out', 'tiny'].map((name) =>
      join(folder, name),
    );
    await smallestLlama(model ?? '');
    await convert(model ?? '');
    const problem = (n: number): string => `What is ${n} + 2?`;
    await writeFile(`${problems}.jsonl`, lines(NUMBERS.map((n) => ({ problem: problem(n), answer: String(n + 2) }))));
    const response = (n: number, sum: number): string => `So ${n} + 2 = ${sum}. \\boxed{${sum}}`;
    const responses = NUMBERS.flatMap((n) =>
      [n + 2, n + 3].map((sum) => ({ problem: problem(n), response: response(n, sum) })),
    );
    await writeFile(`${traces}.jsonl`, lines(responses));
    await writeFile(`${heldOut}.jsonl`, lines([{ problem: 'How many are 31 and 11 together?', answer: '42' }]));
    await longhandJson('init', dataset);
    await longhandJson('import', dataset, `${problems}.jsonl`);
    await longhandJson('import-traces', dataset, `${traces}.jsonl`);
    flags = [
      ...[
        '--a',
        'verdict = correct',
        '--b',
        'verdict = incorrect',
        '--control',
        'none',
        '--problems',
        `${heldOut}.jsonl`,
      ],
      ...['--seeds', '7', '--k', '1', '--max-tokens', '8', '--tolerance', '0.5', '--same-problems', '--name', 'sums'],
      ...['--model', model ?? '', '--trainer', 'custom'],
      ...programs,
    ];
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is planned without any files, and refuses held-out problems of its chains', async () => {
    const { plan, folder: made } = await longhandJson<Compared>('compare-selections', dataset, ...flags, '--plan');
    expect(made).toBeUndefined();
    expect(plan).toMatchObject({
      rows: 6,
      sets: [{ problems: 1 }],
      overlap: { chains: 0, rows: 0 },
      expected: { trainings: 2, evaluations: 2 },
    });
    expect(await readdir(dataset)).not.toContain('comparisons');
    const seen = join(folder, 'seen.jsonl');
    await writeFile(seen, lines([{ problem: 'What is 4 + 2?', answer: '6' }]));
    const planned = await longhandJson<Compared>('compare-selections', dataset, ...flags, '--problems', seen, '--plan');
    expect(planned.plan.checks).toContainEqual(expect.objectContaining({ id: 'contamination', state: 'error' }));
  });

  test('ends with one training and evaluation for each arm, also after kill -9', async ({ skip }) => {
    const runtime = await readdir(join(cacheFolder(), 'starter')).catch(() => []);
    if (runtime.length === 0) return skip('The starter model has not been installed on this machine');
    const first = startLonghand(['compare-selections', dataset, ...flags]);
    const trainings = async () => (await listRuns(dataset)).filter(({ record }) => record.kind === 'train');
    await until(async () => (await trainings()).length > 0, 300_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const { plan, result, report } = await longhandJson<Compared>(
      'compare-selections',
      dataset,
      '--resume',
      '1-sums',
      ...programs,
    );
    expect(result?.sets[0]?.arms.map(({ arm, seeds }) => [arm, seeds.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(result?.sets[0]?.comparisons[0]?.comparison.test.problems).toBe(1);
    expect((await trainings()).map(({ record }) => record.id).sort()).toEqual([
      `compare-${plan.id}-a-7`,
      `compare-${plan.id}-b-7`,
    ]);
    expect((await readdir(join(dataset, 'evaluations'))).sort()).toEqual([
      `1-compare-${plan.id}-a-7`,
      `2-compare-${plan.id}-b-7`,
    ]);
    expect(await readFile(report ?? '', 'utf8')).toContain('## What does not follow');
    // All of a comparison is stored, and nothing of the dataset is changed.
    const shown = await longhandJson<Compared>('compare-selections', dataset, '--show', '1-sums');
    expect(shown.result).toEqual(result);
    expect(JSON.parse(await readFile(join(dataset, 'longhand.json'), 'utf8')).fineTuned).toBeUndefined();
    for (const { record } of await listRuns(dataset))
      if (record.serving) await expect(fetch(`${record.serving.baseURL}/models`)).rejects.toThrow();
  });
});
