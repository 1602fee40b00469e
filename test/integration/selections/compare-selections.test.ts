import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { toGguf } from '../../../src/serving/gguf.ts';
import { inspectModel } from '../../../src/serving/model.ts';
import { listEvaluations } from '../../../src/store/evaluations.ts';
import { attemptFolder, listRuns } from '../../../src/store/runs.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { alive, longhandJson, startLonghand, until } from '../../fixtures/process.ts';
import { run } from '../../unit/verbs/run.ts';
import { scripted } from '../serving/place.ts';
import { missing, PYTHON, smallestLlama, suite } from '../trainers/python.ts';
import { compared } from './comparison.ts';

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

/** The servers have no model, and truncate each reply, or answer by the seed. */
describe('the servers of a comparison', { timeout: 300_000 }, () => {
  const asUser = (mode: string) => ({ server: 'transformers' as const, program: scripted(mode), keepEndpoint: true });

  const ports = async (dataset: string): Promise<string[]> =>
    (await listEvaluations(dataset)).map(({ plan: { model } }) =>
      model.kind === 'openai' ? new URL(model.baseURL).port : '',
    );
  const openServers = async (dataset: string, env: NodeJS.ProcessEnv): Promise<string[]> => {
    const { runs } = await run('runs', { dataset, kind: 'serve' }, { env });
    return runs.filter(({ state }) => state === 'running' || state === 'pending').map((one) => one.run);
  };

  test('are its own, are asked again for what they refused, and end, unlike a server of the user', async () => {
    const { dataset, env, args } = await compared('refuses-one');
    const own = await run('serve', { dataset, what: 'owner/name', ...asUser('refuses-one') }, { env });
    try {
      const { result } = await run('compare-selections', args, { env });
      expect(result?.sets[0]?.arms.map(({ scores }) => scores.truncated.value)).toEqual([1, 1, 1]);
      expect(result?.sets[0]?.arms.map(({ scores }) => scores.samples)).toEqual([2, 2, 2]);
      for (const evaluation of await listEvaluations(dataset)) expect(evaluation.result?.unanswered).toBe(0);
      expect(await openServers(dataset, env)).toEqual([own.serving?.run]);
      expect(await ports(dataset)).not.toContain(new URL(own.plan.baseURL).port);
      await expect(fetch(`${own.plan.baseURL}/models`)).resolves.toMatchObject({ ok: true });
    } finally {
      await run('stop-run', { dataset, run: own.serving?.run ?? '' }, { env });
    }
  });

  test('leave the server of another program at their port, where an evaluation waits to resume', async () => {
    const { dataset, env, resume, cancelledAt } = await compared();
    await cancelledAt(/^evaluate .* samples/);
    expect(await openServers(dataset, env)).toEqual([]);
    const [port] = await ports(dataset);
    const other = await run('serve', { dataset, what: 'owner/name', ...asUser('ok'), port: Number(port) }, { env });
    const stop = () => run('stop-run', { dataset, run: other.serving?.run ?? '' }, { env });
    try {
      const resumed = run('compare-selections', resume, { env });
      await expect(resumed).rejects.toThrow(`Port ${port} is in use, and evaluation 1-compare-`);
      expect(await openServers(dataset, env)).toEqual([other.serving?.run]);
    } finally {
      await stop();
    }
    const { result } = await run('compare-selections', resume, { env });
    expect(result?.sets[0]?.arms.map(({ scores }) => scores.samples)).toEqual([2, 2, 2]);
    expect(await openServers(dataset, env)).toEqual([]);
  });

  test('are stopped where another process cancels the comparison, which then resumes', async () => {
    const { dataset, env, args, resume } = await compared();
    await run('compare-selections', { ...args, detach: true }, { env });
    await until(async () => (await openServers(dataset, env)).length > 0, 120_000);
    const { progress } = await run('compare-selections', { dataset, cancel: '1-servers' }, { env });
    expect(progress).toMatchObject({ isRunning: false });
    expect(progress).not.toHaveProperty('failure');
    expect(await openServers(dataset, env)).toEqual([]);
    const { result } = await run('compare-selections', resume, { env });
    expect(result?.sets[0]?.arms.map(({ scores }) => scores.samples)).toEqual([2, 2, 2]);
  });

  test('are stopped after a kill -9 in an evaluation, which resumes without a request for what is paid', async () => {
    const { dataset, env, args, resume } = await compared('even', 6);
    const two = { ...args, base: false };
    const { folder = '' } = await run('compare-selections', { ...two, detach: true }, { env });
    const journals = async (): Promise<string[]> => {
      const folders = (await listEvaluations(dataset)).map((one) => join(one.folder, 'journal.jsonl'));
      const texts = await Promise.all(folders.map((path) => readFile(path, 'utf8').catch(() => '')));
      return texts.flatMap((text) => text.split('\n').filter((line) => line.endsWith('}')));
    };
    await until(async () => (await journals()).length >= 2, 120_000);
    const { pid } = JSON.parse(await readFile(join(folder, 'runner.lock'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await until(() => !alive(pid));
    const paid = (await journals()).map((line) => JSON.parse(line).request.messages.at(-1).content);
    expect(paid.length).toBeLessThan(6);
    expect(await openServers(dataset, env)).toHaveLength(1);
    const shown = () => run('compare-selections', { dataset, show: '1-servers' }, { env });
    expect((await shown()).progress).toMatchObject({ isRunning: false, steps: { done: 4, total: 6 } });
    await run('compare-selections', { ...resume, detach: true }, { env });
    await until(async () => (await shown()).result !== undefined, 120_000);
    expect(await openServers(dataset, env)).toEqual([]);
    const asked = await requestsIn(dataset);
    // Each arm once; only what was in flight as the process was killed is requested again.
    for (const problem of paid) expect(asked.filter((one) => one === problem)).toHaveLength(2);
    expect(asked.length - 12).toBeLessThanOrEqual(1);
    const measured = ({ result }: Compared) => result?.sets[0]?.arms.map(({ arm, scores }) => ({ arm, scores }));
    const whole = await run('compare-selections', { ...two, name: 'whole' }, { env });
    expect(measured(whole)).toEqual(measured(await shown()));
  });
});

/** The held-out problems of all requests to the servers of a dataset. */
async function requestsIn(dataset: string): Promise<string[]> {
  const runs = (await listRuns(dataset)).filter(({ record }) => record.kind === 'serve');
  const logs = runs.map(({ record }) => join(attemptFolder(dataset, record.id, 1), 'log.txt'));
  const texts = await Promise.all(logs.map((path) => readFile(path, 'utf8')));
  return texts
    .flatMap((text) => [...text.matchAll(/^asked \d+ (.+)$/gm)].map(([, content]) => JSON.parse(content ?? '')))
    .filter((content) => content.includes('together'));
}
