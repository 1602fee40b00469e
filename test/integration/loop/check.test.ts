import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import type { SetResult } from '../../../src/core/selections/index.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { starterRuntimeFolder } from '../../../src/models/starter/install.ts';
import { listRuns } from '../../../src/store/runs.ts';
import { type Started, start } from '../../fixtures/process.ts';
import { ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

/** Time for a training to begin, on a busy machine. */
const WAIT = { timeout: 120_000, interval: 200 };

function startLoop(folder: string, python: string): Started {
  const args = [join(ROOT, 'scripts', 'loop', 'run.ts'), '--check', '--built', '--folder', folder, '--python', python];
  return start([process.execPath, ...args]);
}

const outputOf = ({ output }: Started): string => output.stdout + output.stderr;

async function until(loop: Started, words: string): Promise<void> {
  let code: number | null | undefined;
  void loop.ended.then((ended) => {
    code = ended.code;
  });
  while (!outputOf(loop).includes(words)) {
    if (code !== undefined) throw new Error(`The loop ended (${code}) before “${words}”:\n${outputOf(loop)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The parts of the closed loop work together: a real tiny model, real training, real servers, with kills and resumes. What the model learns is no finding. */
test('the closed loop runs to its end, also when it is killed', { timeout: 900_000 }, async ({ skip }) => {
  const environment = await pythonEnvironment('trainer');
  if (typeof environment === 'string') return skip(environment);
  const runtime = await access(starterRuntimeFolder(cacheFolder())).then(
    () => true,
    () => false,
  );
  if (!runtime) return skip('The starter model has not been installed on this machine');
  const folder = await temporaryFolder();
  const first = startLoop(folder, environment.python);
  await until(first, 'sample direct …');
  first.child.kill('SIGKILL');
  await first.ended;
  // Killed again with a server left that gets no more requests.
  const second = startLoop(folder, environment.python);
  await until(second, 'export direct …');
  second.child.kill('SIGKILL');
  await second.ended;
  const third = startLoop(folder, environment.python);
  const all = (): ReturnType<typeof listRuns> => listRuns(join(folder, 'check-1', 'dataset'));
  await vi.waitUntil(async () => (await all()).some(({ record }) => record.kind === 'train'), WAIT);
  const left = (await all()).filter(({ record }) => record.kind === 'serve');
  expect(left).toHaveLength(1);
  for (const { record } of left) await expect(fetch(`${record.serving?.baseURL}/models`)).rejects.toThrow();
  const { code } = await third.ended;
  expect(code, outputOf(third)).toBe(0);
  // What had ended before the kill was not repeated.
  expect(outputOf(second)).not.toContain('pretrain …');
  expect(outputOf(third)).not.toContain('sample direct …');
  const root = join(folder, 'check-1');
  const results = JSON.parse(await readFile(join(root, 'results.json'), 'utf8'));
  // A comparison of selections, with real trainings and two sets of held-out problems.
  const { plan, result } = results.comparison;
  expect(plan.arms.map(({ arm }: { arm: string }) => arm)).toEqual(['a', 'control']);
  // They are committed: they have neither local paths nor the random id of the comparison in the names of steps.
  expect(JSON.stringify(results)).not.toContain(folder);
  expect(Object.keys(results.seconds)).toContain('train a-1');
  expect(plan.arms[0].chains).toBe(plan.rows);
  // The control has all of the base model's responses to draw from, right or wrong.
  const journal = (await readFile(join(root, 'dataset', 'rounds', '0-direct', 'journal.jsonl'), 'utf8'))
    .trim()
    .split('\n');
  const replies = journal.map((line) => JSON.parse(line)).filter(({ reply }) => reply.finish === 'stop');
  expect(plan.arms[1].chains).toBe(new Set(replies.map(({ problemId, reply }) => problemId + reply.text)).size);
  const sets = result.sets.map((set: SetResult) => [set.name, set.arms.map(({ arm }) => arm)]);
  expect(sets).toEqual(['held-out', 'held-out-families'].map((name) => [name, ['base', 'a', 'control']]));
  expect(result.sets[0].comparisons[0]).toMatchObject({ before: 'base', after: 'a' });
  // Every reply of every arm, by its check.
  const { base } = results.checks['held-out-families'];
  expect(base.none.replies + base.failed.replies + base.held.replies).toBe(3);
  expect(third.output.stdout).toContain('## Results: `held-out-families`');
  const steps = (await readFile(join(root, 'steps.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).step);
  expect(new Set(steps).size).toBe(steps.length);
  const runs = await listRuns(join(root, 'dataset'));
  expect(runs.filter(({ record }) => record.kind === 'train')).toHaveLength(3);
  const servers = runs
    .filter(({ record }) => record.kind === 'serve')
    .map(({ record }) => record.serving?.baseURL ?? '');
  expect(servers.length).toBeGreaterThan(1);
  for (const baseURL of servers) await expect(fetch(`${baseURL}/models`), baseURL).rejects.toThrow();
});
