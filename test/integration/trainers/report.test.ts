// A scripted engine: real engines can't be made to fail on demand.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineChoice, JobStatus } from '../../../src/core/schemas/index.ts';
import { type Engine, EngineError } from '../../../src/engines/engine.ts';
import { appendAttempt, type StoredRun } from '../../../src/store/runs.ts';
import { sharedResults } from '../../../src/trainers/place.ts';
import type { LogSeen } from '../../../src/trainers/runs/read-log.ts';
import { readRunState } from '../../../src/trainers/runs/report.ts';
import { print as printRun } from '../../../src/verbs/training/run.ts';
import { print as printRuns } from '../../../src/verbs/training/runs.ts';
import { handleOf, runRecord, scriptedEngine, storedRun, trainingOf } from '../../fixtures/training-run.ts';
import { ended, localPlace } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const NEVER = new AbortController().signal;
const RAY: EngineChoice = { engine: 'ray', address: 'http://127.0.0.1:8265' };

function engine(status: JobStatus | EngineError, log: readonly string[] = []): Engine {
  return scriptedEngine({
    name: 'ray',
    status: async () => {
      if (status instanceof EngineError) throw status;
      return status;
    },
    tail: async function* () {
      let offset = 0;
      for (const text of log) {
        offset += text.length;
        yield { text, offset };
      }
    },
  });
}

async function training(
  choice: EngineChoice = RAY,
  attempts = 1,
  trainer = 'trl',
): Promise<{ run: StoredRun; dataset: string }> {
  const dataset = await temporaryFolder();
  const record = runRecord('r', { engine: choice, training: trainingOf({ trainer }) });
  const handles = Array.from({ length: attempts }, (_, i) => handleOf('r', i + 1, 'ray'));
  return { run: await storedRun(dataset, record, handles), dataset };
}

const frame = (step: number): string =>
  `@@LONGHAND ${JSON.stringify({ event: 'log', step, total: 10, loss: 1 / step })}\n`;

test('a training that succeeded with a loss that is not a number counts as failed, without a model', async () => {
  const { run, dataset } = await training({ engine: 'local' }, 1, 'llamafactory');
  await mkdir(join(run.folder, 'out'), { recursive: true });
  const lines = ['"loss": 2.5', '"loss": NaN'].map(
    (loss, i) => `{"current_steps": ${i + 1}, "total_steps": 2, ${loss}}`,
  );
  await writeFile(join(run.folder, 'out', 'trainer_log.jsonl'), `${lines.join('\n')}\n`);
  const { report } = await readRunState(run, dataset, engine({ state: 'succeeded', exitCode: 0 }), NEVER);
  expect(report).toMatchObject({ state: 'failed', loss: 2.5, step: 2, failure: { kind: 'diverged' } });
  expect(report.message).toContain('not a number at step 2');
  expect(report).not.toHaveProperty('output');
});

test('a training that the system killed is reported as killed, perhaps for its memory', async () => {
  const { run, dataset } = await training({ engine: 'local' });
  const { engine: local, submit } = await localPlace({ dataset });
  const script = 'console.log("3/8"); process.kill(process.pid, "SIGKILL")';
  await ended(local, await submit({ runId: 'r', command: [process.execPath, '-e', script] }));
  const { report } = await readRunState(run, dataset, local, NEVER);
  expect(report).toMatchObject({ state: 'failed', exitCode: null, signal: 'SIGKILL', failure: { kind: 'killed' } });
  expect(report.failure?.message).toContain('out of memory');
});

test('a killed server is reported with the advice to serve again', async () => {
  const dataset = await temporaryFolder();
  const serving = { server: 'starter', model: 'm.gguf', baseURL: 'http://127.0.0.1:1/v1', modelName: 'm' } as const;
  const run = await storedRun(dataset, runRecord('r', { kind: 'serve', serving }), [handleOf('r')]);
  const killed = engine({ state: 'failed', exitCode: null, signal: 'SIGKILL' }, ['1 of 405 tokens\n']);
  const { report } = await readRunState(run, dataset, killed, NEVER);
  expect(report.failure).toMatchObject({ kind: 'killed' });
  expect(report.failure?.message).toContain('The server was killed');
  expect(report.failure?.advice).toContain('Serve it again');
});

test('an engine that does not answer is no failed training', async () => {
  const { run, dataset } = await training();
  const silent = engine(new EngineError('unreachable', 'No answer.', 'Wait.'));
  const { report } = await readRunState(run, dataset, silent, NEVER);
  expect(report).toMatchObject({ state: 'unreachable', message: 'No answer.', attempts: 1 });
  expect(report).not.toHaveProperty('failure');
});

test('a lost training is not a failed one, and one that was never submitted is prepared', async () => {
  const { run, dataset } = await training();
  const lost = await readRunState(run, dataset, engine({ state: 'lost' }), NEVER);
  expect(lost.report.state).toBe('lost');
  expect(lost.report).not.toHaveProperty('failure');
  const fresh = await training(RAY, 0);
  const prepared = await readRunState(fresh.run, fresh.dataset, engine({ state: 'lost' }), NEVER);
  expect(prepared.report).toMatchObject({ state: 'prepared', attempts: 0, checkpoints: [] });
});

test('progress is read from the log where there is no other source, also before the stored end, and from split frames', async () => {
  const { run, dataset } = await training();
  const [head = '', tail = ''] = [frame(2).slice(0, 20), frame(2).slice(20)];
  const log = [frame(1), head, tail, `${'x'.repeat(300_000)}\n`, frame(3)];
  const { report, progress } = await readRunState(run, dataset, engine({ state: 'running' }, log), NEVER);
  expect(progress.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(report).toMatchObject({ state: 'running', step: 3, total: 10, loss: 1 / 3 });
});

test('a second report fetches only new parts of the log, and reads a new attempt from its beginning', async () => {
  const { run, dataset } = await training();
  const [head = '', rest = ''] = [frame(2).slice(0, 20), frame(2).slice(20)];
  let log = frame(1) + head;
  const asked: number[] = [];
  const growing: Engine = {
    ...engine({ state: 'running' }),
    tail: async function* (_handle, offset) {
      asked.push(offset);
      if (log.length > offset) yield { text: log.slice(offset), offset: log.length };
    },
  };
  const seen: LogSeen = {};
  const look = async () => {
    const { progress, log: end } = await readRunState(run, dataset, growing, NEVER, seen);
    return { steps: progress.map(({ step }) => step), end };
  };
  expect(await look()).toEqual({ steps: [1], end: log });
  const before = log.length;
  log += rest;
  expect(await look()).toEqual({ steps: [1, 2], end: log });
  expect(await look()).toEqual({ steps: [1, 2], end: log });
  expect(asked).toEqual([0, before, log.length]);

  await appendAttempt(run, {
    handle: { engine: 'ray', jobId: 'k', runId: 'r', attempt: 2 },
    at: '2026-01-01T00:00:00Z',
  });
  log = frame(3);
  expect(await look()).toEqual({ steps: [3], end: log });
  expect(asked.at(-1)).toBe(0);
});

test('a failed training has the end of its log as the reason', async () => {
  const { run, dataset } = await training();
  const log = [frame(1), 'torch.OutOfMemoryError: CUDA out of memory.\n'];
  const { report } = await readRunState(run, dataset, engine({ state: 'failed', exitCode: 1 }, log), NEVER);
  expect(report.failure?.kind).toBe('out-of-memory');
});

test('results in a shared folder are found there, for each dataset in its own folder', async () => {
  const shared = await temporaryFolder();
  const choice: EngineChoice = { ...RAY, sharedFolder: `${shared}/` };
  const { run, dataset } = await training(choice);
  const other = await training(choice);
  const results = sharedResults(choice, run.folder, 'r') ?? '';
  expect(results.startsWith(`${shared}/r-`)).toBe(true);
  expect(sharedResults(choice, other.run.folder, 'r')).not.toBe(results);
  await mkdir(join(results, 'out', 'checkpoint-5'), { recursive: true });
  await mkdir(join(results, 'out', 'final'));
  const lines = [
    { event: 'log', step: 5, total: 10, loss: 2 },
    { event: 'end', step: 10, total: 10, checkpoint: 'out/final' },
  ];
  await writeFile(join(results, 'progress.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const { report } = await readRunState(run, dataset, engine({ state: 'succeeded' }), NEVER);
  expect(report).toMatchObject({ output: join(results, 'out', 'final'), step: 10, loss: 2 });
  expect(report.checkpoints).toMatchObject([{ step: 5, whole: false, loss: 2 }]);
});

test('a finished training whose model folder was removed reports its path; one whose folder is not visible here does not', async () => {
  const { run, dataset } = await training({ engine: 'local' });
  const output = join(run.folder, 'out', 'final');
  await mkdir(output, { recursive: true });
  const end = { event: 'end', step: 10, total: 10, checkpoint: 'out/final' };
  await writeFile(join(run.folder, 'progress.jsonl'), `${JSON.stringify(end)}\n`);
  const read = async () => (await readRunState(run, dataset, engine({ state: 'succeeded' }), NEVER)).report;
  expect(await read()).toMatchObject({ output });
  expect(await read()).not.toHaveProperty('missing');
  await rm(join(run.folder, 'out'), { recursive: true });
  const report = await read();
  expect(report).toMatchObject({ state: 'succeeded', missing: output });
  expect(report).not.toHaveProperty('output');
  expect(printRun({ report, progress: [], log: [] })).toContain(`The trained model is no longer in ${output}`);
  expect(printRuns({ runs: [report], broken: [] })).toContain('files missing');
  const far = await training(RAY);
  await writeFile(join(far.run.folder, 'progress.jsonl'), `${JSON.stringify(end)}\n`);
  const other = await readRunState(far.run, far.dataset, engine({ state: 'succeeded' }), NEVER);
  expect(other.report).not.toHaveProperty('missing');
});
