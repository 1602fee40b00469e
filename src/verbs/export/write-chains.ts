import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import {
  type ChainForm,
  countReasons,
  EXPORT_FORMS,
  type LeftOut,
  ROW_SETS,
  type RowSet,
  type Tally,
} from '../../core/export/index.ts';
import { formatLeft } from '../../core/export/sources.ts';
import { type Ran, WorkerPool } from '../../grading/worker-pool.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { BesideFiles } from './beside.ts';
import type { SelectedChain } from './candidates.ts';
import { type ChainToWrite, chainRows, type MadeRows } from './chain-rows.ts';
import type { RowFiles } from './files.ts';
import type { PlannedExport } from './plan.ts';
import { reporter } from './progress.ts';
import { readChain } from './read-chain.ts';
import type { LaidOutArgs } from './reasoning.ts';
import type { RowWorkerData } from './row-worker.ts';
import { NO_ROW } from './trouble.ts';

/** Chains whose rows a thread makes with one message, and the most code units of their texts, after the first chain beyond that. */
const BATCH = { chains: 128, size: 2_000_000 };
/** Batches of JSONL in one of Parquet, whose pages are smaller with more rows. */
const LARGER = 4;
/** Limit of a thread's heap in MiB: one chain may be very long, and has a row in several files. */
const HEAP_MB = 512;
/** Most bytes of the lines of a batch for a thread, whose heap is many times as large. Node ends the process with a thread that has no memory. */
const MOST_BYTES = 16_000_000;
/** Batches for each thread that are made ahead of the one that is written. */
const AHEAD = 2;
/** Chains that are worth threads, which take 50 ms to start. */
const LEAST_FOR_THREADS = 2000;
/** Fewest chains that are worth threads, and most chains of a batch. */
const LIMITS = { threads: LEAST_FOR_THREADS, batch: BATCH.chains };
const MOST_THREADS = 8;
/** The limit of a batch in milliseconds. A slower one is made here. */
const BATCH_MS = 60_000;

/** Where the rows of chains go. */
interface ChainOutput {
  sets: Record<RowSet, RowFiles>;
  beside: BesideFiles;
  tally: Tally;
}

const TOO_LONG: Ran<MadeRows> = { failed: 'error', detail: 'their lines are too long.', ms: 0 };

/** Bytes of the lines of chains and of their problems, which are read once. */
function sizeOf(placed: readonly ChainToWrite[]): number {
  const problems = new Map(placed.map(({ at: { problem } }) => [`${problem.offset} ${problem.file}`, problem.length]));
  const bytes = [...placed.map(({ at }) => at.chain.length), ...problems.values()];
  return bytes.reduce((sum, length) => sum + length, 0);
}

interface Batch {
  set: RowSet;
  chains: readonly SelectedChain[];
  /** Absent for a batch that is made here. */
  made?: Promise<Ran<MadeRows>>;
}

/**
 * Writes the rows of the planned chains, in their order. Threads make those of a large export.
 * @param limits Other ones are for tests.
 * @returns The chains without a row. @throws VerbError where no chain has one
 */
export async function writeChains(
  dataset: Dataset,
  output: ChainOutput,
  planned: PlannedExport,
  args: LaidOutArgs,
  context: VerbContext,
  limits = LIMITS,
): Promise<LeftOut[]> {
  const writer = new ChainWriter(dataset, output, planned, args, context, limits);
  const left = [...planned.left, ...(await writer.writeAll())];
  if (output.tally.counts.chains > 0) return left;
  const form = EXPORT_FORMS[args.form ?? 'sft'] as ChainForm;
  const reasons = formatLeft(countReasons(left)).join(', ');
  const advice = left.some(({ reason }) => reason === 'form') ? NO_ROW[form.takes] : 'Review or import chains first.';
  throw new VerbError(`None of the chains can be exported: ${reasons}.`, advice);
}

class ChainWriter {
  readonly #dataset: Dataset;
  readonly #output: ChainOutput;
  readonly #rows: PlannedExport['rows'];
  readonly #args: LaidOutArgs;
  readonly #context: VerbContext;
  readonly #reader: ChainReader;
  readonly #report: (done: number) => void;
  readonly #total: number;
  readonly #limits: typeof LIMITS;
  readonly #left: LeftOut[] = [];
  #done = 0;

  constructor(
    dataset: Dataset,
    output: ChainOutput,
    { rows }: PlannedExport,
    args: LaidOutArgs,
    context: VerbContext,
    limits: typeof LIMITS,
  ) {
    this.#limits = limits;
    this.#dataset = dataset;
    this.#output = output;
    this.#rows = rows;
    this.#args = args;
    this.#context = context;
    this.#reader = new ChainReader(dataset);
    this.#total = rows.train.length + rows.validation.length;
    this.#report = reporter(context, this.#total, 'chains');
  }

  /** @returns The chains without a row. */
  async writeAll(): Promise<LeftOut[]> {
    const workers = Math.min(MOST_THREADS, availableParallelism());
    const threads = this.#threads(workers);
    const ahead: Batch[] = [];
    try {
      for (const batch of this.#batches()) {
        ahead.push(threads === undefined ? batch : { ...batch, made: this.#make(threads, batch.chains) });
        const next = ahead.length > (threads === undefined ? 0 : workers * AHEAD) ? ahead.shift() : undefined;
        if (next) await this.#write(next);
      }
      for (const batch of ahead) await this.#write(batch);
    } finally {
      await threads?.close();
      await this.#reader.close();
    }
    this.#report(this.#total);
    return this.#left;
  }

  *#batches(): Generator<Batch> {
    const most = this.#limits.batch * (this.#output.sets.train.formats === 'jsonl' ? 1 : LARGER);
    for (const set of ROW_SETS) {
      let [chains, size]: [SelectedChain[], number] = [[], 0];
      for (const chain of this.#rows[set]) {
        chains.push(chain);
        size += chain.size;
        if (chains.length < most && size < BATCH.size) continue;
        yield { set, chains };
        [chains, size] = [[], 0];
      }
      if (chains.length > 0) yield { set, chains };
    }
  }

  /** Threads that make rows; undefined for few rows. */
  #threads(workers: number): WorkerPool<ChainToWrite[], MadeRows> | undefined {
    if (this.#total < this.#limits.threads) return undefined;
    const { formats } = this.#output.sets.train;
    const { folder, settings } = this.#dataset;
    const data: RowWorkerData = { folder, settings, args: { ...this.#args, chains: undefined }, formats };
    const workerPath = join(this.#context.distFolder, 'row-worker.mjs');
    const limits = { timeoutMs: BATCH_MS, heapMb: HEAP_MB, task: 'Making rows' };
    return new WorkerPool<ChainToWrite[], MadeRows>({ workerPath, workers, ...limits, data });
  }

  /** Rejects when the export is cancelled. */
  #make(threads: WorkerPool<ChainToWrite[], MadeRows>, chains: readonly SelectedChain[]): Promise<Ran<MadeRows>> {
    const { signal } = this.#context;
    const made = this.#placed(chains)
      .then((placed) => (sizeOf(placed) > MOST_BYTES ? TOO_LONG : threads.run(placed, signal)))
      .catch((error: unknown): Ran<MadeRows> => {
        signal.throwIfAborted();
        return { failed: 'error', detail: messageOf(error), ms: 0 };
      });
    // It is awaited later, or never after an error.
    made.catch(() => undefined);
    return made;
  }

  async #placed(chains: readonly SelectedChain[]): Promise<ChainToWrite[]> {
    const { index } = this.#dataset;
    const placed: ChainToWrite[] = [];
    for (const { id, label, source } of chains)
      placed.push({ row: { id, label, source }, at: await this.#reader.placed(id), findings: index.findings(id) });
    return placed;
  }

  async #write({ set, chains, made }: Batch): Promise<void> {
    const ran = await made;
    if (ran && 'result' in ran) await this.#writeMade(set, chains, ran.result);
    else {
      if (ran) this.#context.log(`Rows are not made in a thread: ${ran.detail}`);
      await this.#writeHere(set, chains);
    }
  }

  async #writeMade(set: RowSet, chains: readonly SelectedChain[], made: MadeRows): Promise<void> {
    const { sets, beside, tally } = this.#output;
    await sets[set].addMade(made.files);
    for (const lines of made.beside) await beside.add(lines);
    tally.merge(made.tally);
    for (const row of chains) {
      const reason = made.left.get(row.id);
      if (reason !== undefined) this.#leave(row, reason);
    }
    // At once: the collector would free it after a search of the whole heap, for every 64 MB.
    for (const { lines } of made.files) lines?.buffer.transfer(0);
    this.#done += chains.length;
    this.#report(this.#done);
  }

  async #writeHere(set: RowSet, chains: readonly SelectedChain[]): Promise<void> {
    const { index, settings } = this.#dataset;
    const { sets, beside, tally } = this.#output;
    const { takes } = EXPORT_FORMS[this.#args.form ?? 'sft'];
    for (const row of chains) {
      this.#report(this.#done++);
      const read = await readChain(this.#reader, row.id, this.#context.log, takes === 'stepped');
      const how = { args: this.#args, settings };
      const made = read ? chainRows(row, read, index.findings(row.id), how, tally) : 'no-problem';
      if (typeof made === 'string') this.#leave(row, made);
      else {
        await sets[set].add(made.rows);
        await beside.add(made.beside);
      }
    }
    await sets[set].endPages();
  }

  #leave({ id, problemId, source }: SelectedChain, reason: LeftOut['reason']): void {
    this.#left.push({ id, problem_id: problemId, source, reason });
  }
}
