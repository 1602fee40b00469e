import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../core/errors.ts';
import {
  CallRequest,
  type CallSettings,
  CollectedBatch,
  type EngineChoice,
  type RoundPlan,
  type RunRecord,
} from '../../../core/schemas/index.ts';
import { formatCount, plural } from '../../../core/text/format.ts';
import { EngineError, type JobSpec } from '../../../engines/engine.ts';
import { rememberEngine } from '../../../engines/known.ts';
import { journalKey } from '../../../models/key.ts';
import { cacheFolder } from '../../../models/starter/cache.ts';
import type { BatchOptions } from '../../../protocol/sampling.ts';
import type { BatchCall, Batches, OnAnswer } from '../../../runner/sampling/draw-batches.ts';
import { linesOf, readJson } from '../../../store/lines/files.ts';
import {
  appendAttempt,
  attemptsOf,
  createRun,
  jobFolderOf,
  listRuns,
  runFolder,
  runNames,
  type StoredRun,
} from '../../../store/runs.ts';
import { writeJson } from '../../../store/settings.ts';
import { sharedResults } from '../../../trainers/place.ts';
import type { VerbContext } from '../../context.ts';
import { engineForJob, engineOf } from '../../training/run-context.ts';
import { readAnswer } from './answer.ts';
import { type Gathered, gather } from './gather.ts';
import { refuseUnknownPlace } from './known-place.ts';

const REQUESTS = 'requests.jsonl';
const RESULTS = 'results.jsonl';
const SCRIPT = 'sample_shard.py';
const COLLECTED = 'collected.json';
/** For what a batch that is stopped has ready. */
const LAST_MS = 60_000;

const RequestLine = z.object({
  key: z.string(),
  problemId: z.string(),
  index: z.number().int().nonnegative(),
  request: CallRequest,
});

export interface BatchesOptions {
  dataset: string;
  plan: RoundPlan;
  calls: CallSettings;
  context: VerbContext;
  /** Where the requests of the round are sent; absent: batches that were started are collected, and the round continues on this machine. */
  on?: { engine: EngineChoice; batch: BatchOptions } | undefined;
}

/** The batches of a round as jobs on an engine, each a run of the dataset with its requests. */
export class RoundBatches implements Batches {
  readonly #options: BatchesOptions;
  readonly ask: Batches['ask'];

  constructor(options: BatchesOptions) {
    this.#options = options;
    if (options.on) {
      const { engine, batch } = options.on;
      this.ask = (round, calls, onAnswer, signal) => this.#ask({ round, engine, batch }, calls, onAnswer, signal);
    }
  }

  async collect(round: string, onAnswer: OnAnswer, signal: AbortSignal): Promise<void> {
    const { dataset, context } = this.#options;
    for (const run of await listRuns(dataset)) {
      if (run.record.sampling?.round !== round || (await readJson(join(run.folder, COLLECTED), CollectedBatch)))
        continue;
      context.log(`Batch ${run.record.id} was started earlier: its answers are collected first.`);
      const { status } = await this.#bringHome(run, await callsOf(run), onAnswer, signal);
      context.log(`Batch ${run.record.id}: ${status.message ?? status.state}.`);
    }
  }

  async #ask(
    { round, engine: choice, batch }: { round: string; engine: EngineChoice; batch: BatchOptions },
    calls: readonly BatchCall[],
    onAnswer: OnAnswer,
    signal: AbortSignal,
  ): Promise<void> {
    const { dataset, context } = this.#options;
    const engine = await engineForJob(choice, dataset, context);
    const { problem, warning } = await engine.probe(signal);
    if (problem !== undefined) throw new UserError('round', problem, 'Resume the round when it is available again.');
    if (warning !== undefined) context.log(warning);
    await seesFolder(choice);
    await rememberEngine(choice, cacheFolder(context.env), context.env);
    const id = await freeName(dataset, round);
    const lines = calls.map((call) => `${JSON.stringify(RequestLine.parse(call))}\n`).join('');
    const files = new Map<string, string | { source: string }>([
      [REQUESTS, lines],
      [SCRIPT, { source: join(context.mediaFolder, 'python', SCRIPT) }],
    ]);
    const run = await createRun(dataset, this.#recordOf(id, round, choice, batch, calls.length), files);
    const handle = engine.handle({ runId: id, attempt: 1 });
    await appendAttempt(run, { handle, at: new Date().toISOString() });
    await engine.submit(specOf(run), signal);
    context.log(`Sent ${plural(calls.length, 'request')} to ${choice.engine} as ${handle.jobId}.`);
    const answered = new Set<string>();
    const onFirst: OnAnswer = async (call, answer) => {
      answered.add(call.key);
      await onAnswer(call, answer);
    };
    const byKey = new Map(calls.map((call) => [call.key, call]));
    const { status, log } = await this.#bringHome(run, byKey, onFirst, signal);
    if (answered.size === byKey.size) return;
    const failed = status.message === undefined ? '' : `: ${status.message}`;
    throw new UserError(
      'round',
      `Batch ${id} is ${status.state} with ${formatCount(answered.size)} of ${plural(byKey.size, 'answer')}${failed}`,
      `${lastOutput(log)} The answers so far are kept. Resume the round to request the rest.`.trim(),
    );
  }

  /** Each answer once; when the job ends, the run is marked. A cancelled round stops its job and takes the answers that are ready. */
  async #bringHome(
    run: StoredRun,
    calls: ReadonlyMap<string, BatchCall>,
    onAnswer: OnAnswer,
    signal: AbortSignal,
  ): Promise<Gathered> {
    const { record } = run;
    const handle = (await attemptsOf(run)).at(-1)?.handle;
    if (!handle) {
      await mark(run, { answers: 0, refused: 0 });
      return { status: { state: 'lost', message: 'It was never submitted' }, log: '', whole: true };
    }
    const { dataset, context } = this.#options;
    await refuseUnknownPlace(record, this.#options.on?.engine, context.env);
    const engine = await engineOf(record.engine, dataset, context);
    const seen = { answers: 0, refused: 0 };
    const done = new Set<string>();
    const onLine = async (line: string): Promise<void> => {
      const read = readAnswer(line, calls);
      if (!read || done.has(read.call.key)) return;
      done.add(read.call.key);
      seen['refused' in read.answer ? 'refused' : 'answers'] += 1;
      await onAnswer(read.call, read.answer);
    };
    const file = resultsIn(record.engine, dataset, record.id);
    let gathered: Gathered;
    try {
      gathered = await gather({ engine, handle, file, onLine, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      const last = AbortSignal.timeout(LAST_MS);
      await engine.stop(handle, last);
      gathered = await gather({ engine, handle, file, onLine, signal: last });
    }
    // A job that did all it had to do answered every request: what did not come home is in its log, and paid for.
    if (gathered.status.state === 'succeeded' && !gathered.whole && done.size < calls.size) {
      throw new UserError(
        'round',
        `Can’t read the log of batch ${record.id} to its end: it has ${formatCount(done.size)} of ${plural(calls.size, 'answer')}.`,
        `Resume the round when the cluster returns it again. Without ${run.folder}, the rest would be requested, and paid, again.`,
      );
    }
    await mark(run, seen);
    signal.throwIfAborted();
    return gathered;
  }

  #recordOf(id: string, round: string, engine: EngineChoice, batch: BatchOptions, requests: number): RunRecord {
    const { plan, calls } = this.#options;
    const { sampling, model } = plan;
    const url = batch.url ?? (model?.kind === 'openai' ? model.baseURL : undefined);
    if (url === undefined && batch.how !== 'vllm') {
      throw new UserError(
        'round',
        'The model of this round has no address that a cluster could reach.',
        'Give one with --url, or let vLLM load the model there with --how vllm.',
      );
    }
    const results = resultsIn(engine, this.#options.dataset, id);
    const command = [
      ...(batch.python ?? ['python']),
      ...[SCRIPT, '--requests', REQUESTS, '--results', results ?? RESULTS, ...(results ? ['--unframed'] : [])],
      ...['--how', batch.how ?? 'tasks', '--model', batch.model ?? model?.model ?? ''],
      ...(url === undefined ? [] : ['--url', `${url.replace(/\/+$/, '')}/chat/completions`]),
      ...['--shards', String(batch.shards ?? 1), '--concurrency', String(sampling?.concurrency ?? 1)],
      ...['--rate-limit-seconds', String(60 * calls.rateLimitMinutes)],
      ...['--max-reply-bytes', String(1e6 * calls.maxReplyMB)],
      ...(batch.tensorParallel === undefined ? [] : ['--tensor-parallel', String(batch.tensorParallel)]),
      ...(batch.maxModelLen === undefined ? [] : ['--max-model-len', String(batch.maxModelLen)]),
      ...(batch.vllmArgs === undefined ? [] : ['--vllm-args', JSON.stringify(batch.vllmArgs)]),
      ...(batch.timeout === undefined ? [] : ['--timeout', String(batch.timeout)]),
    ];
    const resources = { cpus: 1, gpus: 0, nodes: 1, memory: 0 };
    const createdAt = new Date().toISOString();
    return {
      version: 1,
      id,
      kind: 'sample',
      createdAt,
      engine,
      command,
      env: {},
      resources,
      sampling: { round, requests },
    };
  }
}

/** Without the colours of a terminal; with what to do about the commonest failure. */
function lastOutput(log: string): string {
  const plain = log.replace(/\p{Cc}\[[0-9;]*m/gu, '').replace(/[^\P{Cc}\n]/gu, ' ');
  const last = plain
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-4)
    .join('\n');
  return /No module named 'ray'/.test(last) ? `${last}\nSet the Python with Ray there with --python.` : last;
}

function mark({ folder }: StoredRun, seen: Omit<CollectedBatch, 'at'>): Promise<void> {
  return writeJson(join(folder, COLLECTED), CollectedBatch.parse({ at: new Date().toISOString(), ...seen }));
}

function specOf({ folder, record }: StoredRun): JobSpec {
  const { id: runId, kind, command, env, resources } = record;
  const files = [REQUESTS, SCRIPT].map((path) => ({ path, source: join(jobFolderOf({ folder, record }), path) }));
  const metadata = { longhand_run: runId, longhand_round: record.sampling?.round ?? '' };
  return { runId, attempt: 1, kind, command, files, env, resources, metadata };
}

/** What was asked for, by its key; a line that was tampered with is no call. */
async function callsOf(run: StoredRun): Promise<Map<string, BatchCall>> {
  const calls = new Map<string, BatchCall>();
  for await (const call of linesOf(join(jobFolderOf(run), REQUESTS), RequestLine)) {
    if (journalKey(call.request) === call.key) calls.set(call.key, call);
  }
  return calls;
}

function resultsIn(choice: EngineChoice, dataset: string, id: string): string | undefined {
  const shared = choice.engine === 'ray' ? sharedResults(choice, runFolder(dataset, id), id) : undefined;
  return shared === undefined ? undefined : `${shared}/${RESULTS}`;
}

/** Results in a folder that only the cluster sees would never come home. @throws EngineError `unusable`. */
async function seesFolder(choice: EngineChoice): Promise<void> {
  if (choice.engine !== 'ray' || choice.sharedFolder === undefined) return;
  if ((await stat(choice.sharedFolder).catch(() => undefined))?.isDirectory()) return;
  throw new EngineError(
    'unusable',
    `This machine can’t access ${choice.sharedFolder}, which stores the answers.`,
    'Omit --shared-folder to read the answers from the log of the job.',
  );
}

async function freeName(dataset: string, round: string): Promise<string> {
  const taken = new Set(await runNames(dataset));
  let number = 1;
  while (taken.has(`${round}-batch-${number}`)) number++;
  return `${round}-batch-${number}`;
}
