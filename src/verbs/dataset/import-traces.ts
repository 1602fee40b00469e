import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { mapTrace } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { ReviewAct, RoundPlan, RoundSummary, TraceMapping } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import { TracePool } from '../../grading/trace-pool.ts';
import { headInUse } from '../../runner/classifier/head.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { errorCode, readLines } from '../../store/lines/files.ts';
import { refuseLinks } from '../../store/links.ts';
import { freeName, slug } from '../../store/names.ts';
import { writeJson } from '../../store/settings.ts';
import { placeOfTrace, SideFile } from '../../store/side-file.ts';
import type { SourceFile } from '../../store/source/index.ts';
import { AtomicWriter, explainDiskFull, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { openRows, traceColumnsOfRows } from '../rows/source.ts';
import { openDataset } from '../with-dataset.ts';
import { badLines, ImportReport } from './import-report.ts';
import { TraceImporter } from './trace-importer.ts';

const MOST_WORKERS = 8;
/** Traces that are graded while more are read: enough for every worker, also when one of them takes long. */
const IN_FLIGHT = 256;
/** In UTF-16 code units; of larger traces fewer are held. */
const MOST_IN_FLIGHT = 8_000_000;
/** In UTF-16 code units, of a write. */
const WRITTEN = 1_000_000;

export const run: Run<'import-traces'> = async ({ dataset: folder, file, mapping, name, reviews }, context) => {
  const started = performance.now();
  const dataset = await openDataset(folder, context);
  const { filters, grading } = dataset.settings;
  const head = await headInUse(dataset, context.log);
  const { distFolder, signal } = context;
  const workers = Math.min(MOST_WORKERS, availableParallelism());
  const pool = new TracePool({ policy: resolvePolicy(grading), filters, head }, { distFolder, workers, signal });
  try {
    const rows = await openRows(file, context);
    const { source } = rows;
    const columns = await traceColumnsOfRows(rows, context, mapping);
    const round = `${dataset.nextRoundNumber()}-${slug(name ?? rows.stem, 'traces')}`;
    const report = new ImportReport(source.size, context);
    const filterContext = await filterContextOf(dataset.folder, filters, context.log);
    const side = reviews ? await SideFile.open(file) : undefined;
    const importer = new TraceImporter({ dataset, round, rows, pool, report, filterContext, side });
    await writeRound(dataset, round, importer, () => fill(importer, pool, source, columns, report, context));
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

/** Reads, grades and yields all traces of the file in order, as lines of chains. */
async function* fill(
  importer: TraceImporter,
  pool: TracePool,
  source: SourceFile,
  columns: TraceMapping,
  report: ImportReport,
  { signal }: VerbContext,
): AsyncGenerator<string> {
  const grading: { chain: Promise<string>; size: number }[] = [];
  let size = 0;
  const next = (): Promise<string> | undefined => {
    const first = grading.shift();
    size -= first?.size ?? 0;
    return first?.chain;
  };
  for await (const read of source.rows({ signal })) {
    report.row(read, `${plural(importer.counts.traces, 'trace')} graded`);
    const mapped = 'row' in read ? mapTrace(read.row, columns) : read;
    if ('reason' in mapped) {
      report.refuse(read.line, mapped.reason);
      continue;
    }
    for (const [at, trace] of mapped.traces.entries()) {
      const grade = await importer.take(trace, read.line, placeOfTrace(report.rows, at));
      if (!grade) continue;
      const chain = grade();
      // It is awaited below; until then its failure is not unhandled.
      chain.catch(() => undefined);
      const characters = trace.parts.answer.length + (trace.parts.thought?.length ?? 0);
      grading.push({ chain, size: characters });
      size += characters;
    }
    while (grading.length > IN_FLIGHT || size > MOST_IN_FLIGHT) {
      const chain = await next();
      if (chain) yield chain;
    }
  }
  pool.flush();
  for (let chain = await next(); chain; chain = await next()) yield chain;
  report.end();
}

/**
 * Appends the acts of a side file to the reviews of the dataset, unless they are there.
 * @param reviewed The chains, by their ids in the side file. @returns Acts that were appended.
 */
async function takeReviews(dataset: Dataset, side: SideFile, reviewed: ReadonlyMap<string, string>): Promise<number> {
  await dataset.refresh();
  const taken = new Map<string, ReviewAct[]>();
  for (const [key, chainId] of reviewed) {
    const known = new Set((await dataset.reviewActs(chainId)).map(({ id }) => id));
    // Other acts of its batch may be about traces that were not imported.
    for (const { batch: _batch, ...act } of side.acts(key)) {
      if (!known.has(act.id)) taken.set(act.reviewer, [...(taken.get(act.reviewer) ?? []), { ...act, chainId }]);
    }
  }
  for (const acts of taken.values()) await dataset.appendReviews(acts);
  return [...taken.values()].flat().length;
}

/** Writes the new problems, and the round atomically. */
async function writeRound(
  dataset: Dataset,
  round: string,
  importer: TraceImporter,
  chains: () => AsyncGenerator<string>,
): Promise<void> {
  const target = dataset.roundFolder(round);
  const draft = temporaryPath(target);
  for (const folder of [target, dataset.problemsFolder]) await refuseLinks(dataset.folder, folder);
  await sweepTemporaries(dataset.roundsFolder);
  await mkdir(draft, { recursive: true });
  try {
    const unbanded = join(draft, 'unbanded.jsonl');
    await writeLines(unbanded, chains());
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
  async function* banded(): AsyncGenerator<string> {
    for await (const line of readLines(from)) if (!('error' in line)) yield importer.banded(line);
  }
  await writeLines(to, banded());
  await rm(from);
}

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const writer = await AtomicWriter.create(path);
  try {
    let batch = '';
    for await (const line of lines) {
      batch += `${line}\n`;
      if (batch.length < WRITTEN) continue;
      await writer.write(batch);
      batch = '';
    }
    await writer.write(batch);
    // The folder has no name yet: after a power failure, the round is imported again.
    await writer.commit({ sync: false });
  } catch (error) {
    throw explainDiskFull(error, path);
  } finally {
    await writer.abort();
  }
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
