import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExaminedBatch, joinBatches } from '../../core/examine/examined.ts';
import { type ExaminationReport, RowFinding } from '../../core/examine/finding.ts';
import { formatReport } from '../../core/examine/format.ts';
import { FINDING_IDS, type FindingId } from '../../core/examine/kinds.ts';
import { MOST_EXAMPLES, reportOf } from '../../core/examine/report.ts';
import { setFindings } from '../../core/examine/set.ts';
import { RowTable } from '../../core/examine/table.ts';
import type { FilterSettings, GradingPolicy } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import { REPORT_FILE, REPORT_PAGE } from '../../store/examination.ts';
import { linesOf } from '../../store/lines/files.ts';
import { lockRound } from '../../store/lock.ts';
import { writeJson } from '../../store/settings.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import type { ReworkContext } from '../rework/chosen-rounds.ts';
import { withExcerpts } from './excerpts.ts';
import { ExaminationJournal } from './journal.ts';
import { charactersOf, ExaminePool, MOST_CHARACTERS } from './pool.ts';
import type { ExaminedSource, RowOrReason } from './source.ts';

/** Rows of a batch, and of a line of the journal. */
const BATCH = 500;
/** Batches in work or waiting for an earlier one, for each worker. */
const AHEAD = 3;
/** Characters of the rows in work or waiting, for each worker: long rows wait for earlier ones. */
const MOST_AHEAD = 16 * MOST_CHARACTERS;
/** Raised when a rule finds or shows something else: a killed examination by other rules is not resumed. */
const RULES = 2;
const EVERY_MS = 200;
/** Findings that are written together. */
const WRITTEN = 1000;

export interface ExamineOptions {
  source: ExaminedSource;
  /** Where the report, the findings and the journal go. */
  folder: string;
  filters: FilterSettings;
  policy: GradingPolicy;
  benchmarks: readonly { id: string; problem: string }[];
  workers: number;
}

export interface Examined {
  report: ExaminationReport;
  /** Rows that an earlier run had examined. */
  resumed: number;
}

/**
 * Examines all rows and writes report.json, report.md and findings.jsonl. After a kill -9 or a cancel it resumes behind the last batch that was
 * written. Memory grows by about 400 bytes a row.
 * @throws StoreError `locked` when another process examines into the folder; the signal’s reason.
 */
export async function examine(options: ExamineOptions, context: ReworkContext): Promise<Examined> {
  const { folder, source, filters, policy, benchmarks, workers } = options;
  const started = performance.now();
  await mkdir(folder, { recursive: true });
  const lock = await lockRound(folder, 'examination');
  const workerPath = join(context.distFolder, 'examine-worker.mjs');
  const pool = new ExaminePool({ workerPath, filters, policy, benchmarks, workers });
  try {
    const table = new RowTable(BATCH);
    const of = JSON.stringify([RULES, source.identity, filters, policy, textHash(JSON.stringify(benchmarks))]);
    const journal = await ExaminationJournal.open(folder, of, (batch) => table.add(batch));
    const resumed = table.length;
    if (resumed > 0) context.log(`Resuming: ${plural(resumed, 'row is', 'rows are')} examined already.`);
    await examineRows(options, { table, journal, pool }, context);
    await pool.close();
    await compareRows(table, journal, context);
    const examples = await withExcerpts(await examplesIn(journal.findings), source, context.signal);
    const seconds = (performance.now() - started) / 1000;
    const report = reportOf(table, { source: source.name, benchmarks: benchmarks.length, filters, examples, seconds });
    await journal.finish();
    await writeAtomic(join(folder, REPORT_PAGE), formatReport(report));
    await writeJson(join(folder, REPORT_FILE), report);
    await journal.remove();
    return { report, resumed };
  } finally {
    await pool.close();
    await lock.release();
  }
}

interface Work {
  table: RowTable;
  journal: ExaminationJournal;
  pool: ExaminePool;
}

/** Examines the rows that are not in the table yet. Batches are written in order; long rows of a batch are given to the pool before it is full. */
async function examineRows({ source, workers }: ExamineOptions, work: Work, context: ReworkContext): Promise<void> {
  const { signal, progress } = context;
  const waiting: Promise<ExaminedBatch>[] = [];
  const inWork = new Set<Promise<unknown>>();
  /** Of the batch that is read: what was given of it, its number of rows, and those that were not given. */
  let [parts, inBatch, rows]: [Promise<ExaminedBatch>[], number, RowOrReason[]] = [[], 0, []];
  let skip = work.table.length;
  let [characters, ahead] = [0, 0];
  let shown = 0;
  const settle = async (most: number): Promise<void> => {
    while (waiting.length > most) {
      const examined = await waiting[0];
      waiting.shift();
      signal.throwIfAborted();
      if (examined) await settled(examined, work);
    }
  };
  const give = async (): Promise<void> => {
    const size = characters;
    const given = work.pool.examine(rows);
    parts.push(given);
    [rows, characters] = [[], 0];
    ahead += size;
    // One that fails while an earlier one is awaited is reported when its turn comes.
    const ended = given.then(
      () => undefined,
      () => undefined,
    );
    inWork.add(ended);
    void ended.then(() => {
      ahead -= size;
      inWork.delete(ended);
    });
    for (let [next] = inWork; next && ahead > MOST_AHEAD * workers; [next] = inWork) {
      await next;
      signal.throwIfAborted();
    }
  };
  const endBatch = (): void => {
    const batch = Promise.all(parts).then(joinBatches);
    batch.catch(() => undefined);
    waiting.push(batch);
    [parts, inBatch] = [[], 0];
  };
  for await (const { row, done } of source.rows(signal)) {
    signal.throwIfAborted();
    if (skip > 0) skip -= 1;
    else {
      rows.push(row);
      inBatch += 1;
      characters += charactersOf(row);
    }
    if (characters >= MOST_CHARACTERS || inBatch >= BATCH) await give();
    if (inBatch >= BATCH) {
      endBatch();
      await settle(AHEAD * workers);
    }
    if (performance.now() - shown < EVERY_MS) continue;
    shown = performance.now();
    const message = `${plural(work.table.length, 'row')} examined`;
    progress({ done: Math.min(done, source.total), total: source.total, unit: source.unit, message });
  }
  if (rows.length > 0) await give();
  if (inBatch > 0) endBatch();
  await settle(0);
}

async function settled(batch: ExaminedBatch, { table, journal }: Work): Promise<void> {
  await journal.add(batch);
  table.add(batch);
}

async function compareRows(
  table: RowTable,
  journal: ExaminationJournal,
  { signal, progress }: ReworkContext,
): Promise<void> {
  const show = (share: number): void =>
    progress({ done: Math.round(share * table.length), total: table.length, unit: 'rows', message: 'Comparing rows' });
  show(0);
  let batch: RowFinding[] = [];
  for (const finding of setFindings(table, show)) {
    batch.push(finding);
    if (batch.length < WRITTEN) continue;
    signal.throwIfAborted();
    await journal.addFindings(batch);
    batch = [];
  }
  await journal.addFindings(batch);
}

/** The first rows of each finding. */
async function examplesIn(path: string): Promise<Map<FindingId, RowFinding[]>> {
  const examples = new Map<FindingId, RowFinding[]>(FINDING_IDS.map((id) => [id, []]));
  for await (const finding of linesOf(path, RowFinding)) {
    const known = examples.get(finding.finding);
    if (known && known.length < MOST_EXAMPLES) known.push(finding);
  }
  return examples;
}
