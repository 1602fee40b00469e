import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { mapTrace } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { Chain, type RoundPlan, type RoundSummary, type TraceMapping } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import { headInUse } from '../../runner/classifier/head.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import { Dataset } from '../../store/index.ts';
import { appendLines, errorCode, readLines } from '../../store/lines/files.ts';
import { refuseLinks } from '../../store/links.ts';
import { freeName, slug } from '../../store/names.ts';
import { writeJson } from '../../store/settings.ts';
import { placeOfTrace, SideFile } from '../../store/side-file.ts';
import type { SourceFile } from '../../store/source/index.ts';
import { AtomicWriter, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { openRows, traceColumnsOfRows } from '../rows/source.ts';
import { badLines, ImportReport } from './import-report.ts';
import { TraceImporter } from './trace-importer.ts';

/** Traces graded together, enough for every worker. */
const BATCH = 16;
/** Chains per write. */
const WRITTEN = 256;

export const run: Run<'import-traces'> = async ({ dataset: folder, file, mapping, name, reviews }, context) => {
  const started = performance.now();
  const dataset = await Dataset.open(folder, { log: context.log });
  const pool = new GradingPool({
    workerPath: join(context.distFolder, 'grading-worker.mjs'),
    workers: Math.max(1, Math.min(4, availableParallelism() - 1)),
  });
  try {
    const rows = await openRows(file, context);
    const { source } = rows;
    const columns = await traceColumnsOfRows(rows, context, mapping);
    const round = `${dataset.nextRoundNumber()}-${slug(name ?? rows.stem, 'traces')}`;
    const report = new ImportReport(source.size, context);
    const filterContext = await filterContextOf(dataset.folder, dataset.settings.filters, context.log);
    const head = await headInUse(dataset, context.log);
    const { signal } = context;
    const side = reviews ? await SideFile.open(file) : undefined;
    const importer = new TraceImporter({ dataset, round, rows, pool, report, filterContext, head, signal, side });
    await writeRound(dataset, round, importer, () => fill(importer, source, columns, report, context));
    const taken = side && (await takeReviews(dataset, side, importer.reviewed));
    return {
      round,
      rows: report.rows,
      traces: importer.counts.traces,
      newProblems: importer.newProblems.length,
      duplicates: importer.counts.duplicates,
      outcomes: importer.counts.outcomes,
      passed: importer.counts.passed,
      bad: report.bad,
      ...defined({ reviews: taken }),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await pool.close();
    await dataset.close();
  }
};

export const print: Print<'import-traces'> = (result) =>
  lines(
    `Round ${result.round}: ${plural(result.traces, 'trace')} of ${plural(result.rows, 'row')} in ${formatSeconds(result.seconds)}; ${plural(result.newProblems, 'new problem')}, ${plural(result.duplicates, 'duplicate')}, ${formatCount(result.bad.length)} bad.`,
    `Graded: ${formatCounts(result.outcomes)}. ${formatCount(result.passed)} passed the filters.`,
    ...(result.reviews === undefined ? [] : [`${plural(result.reviews, 'review act')} taken along.`]),
    ...badLines(result.bad),
  );

/** Reads, grades and yields all traces of the file, batch by batch. */
async function* fill(
  importer: TraceImporter,
  source: SourceFile,
  columns: TraceMapping,
  report: ImportReport,
  { signal }: VerbContext,
): AsyncGenerator<Chain[]> {
  let batch: (() => Promise<Chain>)[] = [];
  const chains = (): Promise<Chain[]> => Promise.all(batch.map((grade) => grade()));
  for await (const read of source.rows({ signal })) {
    report.row(read, `${plural(importer.counts.traces, 'trace')} graded`);
    const mapped = 'row' in read ? mapTrace(read.row, columns) : read;
    if ('reason' in mapped) {
      report.refuse(read.line, mapped.reason);
      continue;
    }
    for (const [at, trace] of mapped.traces.entries()) {
      const grade = await importer.take(trace, read.line, placeOfTrace(report.rows, at));
      if (grade) batch.push(grade);
    }
    if (batch.length < BATCH) continue;
    yield await chains();
    batch = [];
  }
  yield await chains();
  report.end();
}

/**
 * Appends the acts of a side file to the reviews of the dataset, unless they are there.
 * @param reviewed The chains, by their ids in the side file. @returns Acts that were appended.
 */
async function takeReviews(dataset: Dataset, side: SideFile, reviewed: ReadonlyMap<string, string>): Promise<number> {
  await dataset.refresh();
  let taken = 0;
  for (const [key, chainId] of reviewed) {
    const known = new Set((await dataset.reviewActs(chainId)).map(({ id }) => id));
    for (const act of side.acts(key)) {
      if (known.has(act.id)) continue;
      await dataset.appendReview({ ...act, chainId });
      taken++;
    }
  }
  return taken;
}

/** Writes the new problems, and the round atomically. */
async function writeRound(
  dataset: Dataset,
  round: string,
  importer: TraceImporter,
  batches: () => AsyncGenerator<Chain[]>,
): Promise<void> {
  const target = dataset.roundFolder(round);
  const draft = temporaryPath(target);
  for (const folder of [target, dataset.problemsFolder]) await refuseLinks(dataset.folder, folder);
  await sweepTemporaries(dataset.roundsFolder);
  await mkdir(draft, { recursive: true });
  try {
    const unbanded = join(draft, 'unbanded.jsonl');
    for await (const chains of batches()) await appendLines(unbanded, chains);
    if (importer.counts.traces === 0) {
      // A file that is imported again may have new reviews.
      if (importer.reviewed.size > 0) return;
      throw importer.nothingImported();
    }
    await writeBanded(unbanded, join(draft, 'chains.jsonl'), importer);
    await writeJson(join(draft, 'plan.json'), importer.plan satisfies RoundPlan);
    await writeJson(join(draft, 'summary.json'), importer.summary satisfies RoundSummary);
    await writeProblems(dataset, importer);
    await rename(draft, target);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    throw new VerbError(`Another process created round ${round} meanwhile.`, 'Import the traces again.');
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Copies the chains, each with the length filter: all lengths are known only now. */
async function writeBanded(from: string, to: string, importer: TraceImporter): Promise<void> {
  let batch: Chain[] = [];
  for await (const line of readLines(from)) {
    if ('error' in line) continue;
    batch.push(importer.banded(Chain.parse(line.value)));
    if (batch.length < WRITTEN) continue;
    await appendLines(to, batch);
    batch = [];
  }
  await appendLines(to, batch);
  await rm(from);
}

async function writeProblems(dataset: Dataset, { newProblems, stem }: TraceImporter): Promise<void> {
  if (newProblems.length === 0) return;
  const name = await freeName(dataset.problemsFolder, slug(stem, 'problems'), '.jsonl');
  const writer = await AtomicWriter.create(join(dataset.problemsFolder, name));
  try {
    await writer.write(newProblems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    await writer.commit();
  } finally {
    await writer.abort();
  }
}
