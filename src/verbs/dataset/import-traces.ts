import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ExportedTrace, joinTrace, type MappedTrace, mapExported, mapTrace } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { ReviewAct, RoundPlan, RoundSummary } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import { TracePool } from '../../grading/trace-pool.ts';
import { headInUse } from '../../runner/classifier/head.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { errorCode, readLines } from '../../store/lines/files.ts';
import { refuseLinks } from '../../store/links.ts';
import { freeName, safeName, slug } from '../../store/names.ts';
import { writeJson } from '../../store/settings.ts';
import { placeOfTrace, type SideFile, sideKey } from '../../store/side-file.ts';
import type { SourceFile, SourceRow } from '../../store/source/index.ts';
import { AtomicWriter, explainDiskFull, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run, VerbArgs } from '../index.ts';
import { openRows, type RowSource, sideOfRows, traceColumnsOfRows } from '../rows/source.ts';
import { openDataset } from '../with-dataset.ts';
import { actsOfRow, type ExportedSet, openExported } from './exported-set.ts';
import { badLines, ImportReport } from './import-report.ts';
import { type TraceImport, TraceImporter } from './trace-importer.ts';

const MOST_WORKERS = 8;
/** Traces that are graded while more are read: enough for every worker, also when one of them takes long. */
const IN_FLIGHT = 256;
/** In UTF-16 code units; of larger traces fewer are held. */
const MOST_IN_FLIGHT = 8_000_000;
/** In UTF-16 code units, of a write. */
const WRITTEN = 1_000_000;

/** What of a row is imported: traces with the keys of their reviews; undefined for a row of another round. */
type Reader = (
  read: SourceRow,
  number: number,
) => { traces: { trace: MappedTrace; key: string }[] } | { reason: string } | undefined;

/** A round to write. */
interface Part {
  round: string;
  read: Reader;
  reviews?: TraceImport['reviews'];
  lineage?: TraceImport['lineage'];
  /** The warning where no imported text has review acts. */
  noneTaken?: string;
}

export const run: Run<'import-traces'> = async (args, context) => {
  const started = performance.now();
  const dataset = await openDataset(args.dataset, context);
  const { filters, grading } = dataset.settings;
  const head = await headInUse(dataset, context.log);
  const { distFolder, signal } = context;
  const workers = Math.min(MOST_WORKERS, availableParallelism());
  const pool = new TracePool({ policy: resolvePolicy(grading), filters, head }, { distFolder, workers, signal });
  try {
    const exported = await openExported(args.file, context);
    const rows = exported?.rows ?? (await openRows(args.file, context));
    const parts = exported ? exportedParts(dataset, exported) : [await filePart(dataset, rows, args, context)];
    const report = new ImportReport(rows.source.size * parts.length, context);
    const filterContext = await filterContextOf(dataset.folder, filters, context.log);
    const done: TraceImporter[] = [];
    let taken: number | undefined;
    for (const { round, read, reviews, lineage, noneTaken } of parts) {
      const importer = new TraceImporter({
        dataset,
        round,
        rows,
        pool,
        report,
        filterContext,
        reviews,
        lineage,
        problems: exported?.problems,
      });
      await writeRound(dataset, round, importer, () => fill(importer, pool, rows.source, read, report, context));
      done.push(importer);
      await dataset.refresh();
      if (reviews) taken = (taken ?? 0) + (await takeReviews(dataset, reviews, importer.reviewed));
      if (noneTaken !== undefined && importer.reviewed.size === 0) context.log(noneTaken);
    }
    report.end();
    const written = done.filter(({ counts }) => counts.traces > 0);
    // A file that is imported again may have new reviews.
    if (written.length === 0 && done.every(({ reviewed }) => reviewed.size === 0)) throw done[0]?.nothingImported();
    return {
      ...totals(done),
      rounds: written.map(({ plan }) => plan.round),
      rows: report.rows / parts.length,
      bad: report.bad,
      ...defined({ reviews: taken }),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await pool.close();
    await dataset.close();
  }
};

/** The rounds of an export, each with its name where that is free. */
function exportedParts(dataset: Dataset, exported: ExportedSet): Part[] {
  const { manifest } = exported;
  const known = new Map<string, Pick<ExportedTrace, 'overrides' | 'steps' | 'text'>>();
  const reviews = {
    acts: (key: string) => actsOfRow(exported, key, known.get(key) ?? { overrides: [], steps: [], text: '' }),
  };
  const first = dataset.nextRoundNumber();
  return manifest.rounds.map((lineage, at) => {
    const isFree =
      /^\d{1,6}-/.test(lineage.round) &&
      safeName(lineage.round) === lineage.round &&
      !dataset.index.rounds.includes(lineage.round);
    const round = isFree ? lineage.round : `${first + at}-${slug(lineage.round.replace(/^\d+-/, ''), 'traces')}`;
    // Rows are read once for each round. The first time, those of none are reported.
    const read: Reader = (found) => {
      if (!('row' in found)) return at === 0 ? found : undefined;
      const { row } = found;
      const named = (row as { round?: unknown } | null)?.round;
      if (named !== lineage.round && (at > 0 || exported.kinds.has(named as string))) return undefined;
      const mapped = mapExported(row, exported);
      if ('reason' in mapped) return mapped;
      if (named !== lineage.round) return { reason: 'its round is not in manifest.json' };
      const { overrides, steps, text } = mapped;
      if (overrides.length + steps.length > 0) known.set(mapped.rowId, { overrides, steps, text });
      return { traces: [{ trace: mapped.trace, key: mapped.rowId }] };
    };
    return { round, read, reviews, lineage };
  });
}

async function filePart(
  dataset: Dataset,
  rows: RowSource,
  { file, mapping, name, reviews }: VerbArgs<'import-traces'>,
  context: VerbContext,
): Promise<Part> {
  const own = await sideOfRows(file);
  const columns = await traceColumnsOfRows(rows, context, mapping, own?.columns);
  const side = reviews ? own : undefined;
  const read: Reader = (found, number) => {
    const mapped = 'row' in found ? mapTrace(found.row, columns) : found;
    if ('reason' in mapped) return mapped;
    const keyOf = (trace: MappedTrace, at: number): string =>
      side === undefined ? '' : sideKey(placeOfTrace(number, at), joinTrace(trace.parts));
    return { traces: mapped.traces.map((trace, at) => ({ trace, key: keyOf(trace, at) })) };
  };
  return {
    round: `${dataset.nextRoundNumber()}-${slug(name ?? rows.stem, 'traces')}`,
    read,
    ...defined({ reviews: side }),
    ...(side !== undefined && side.keys.length > 0 && { noneTaken: noneTaken(side) }),
  };
}

const noneTaken = ({ path, keys }: SideFile): string =>
  `No review act was imported: ${path} has acts on ${plural(keys.length, 'text')}, and none is a text of this import. Import by the columns that the file was reviewed with.`;

function totals(importers: readonly TraceImporter[]) {
  const outcomes: Record<string, number> = {};
  for (const { counts } of importers)
    for (const [outcome, traces] of Object.entries(counts.outcomes))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + traces;
  const sum = (of: (importer: TraceImporter) => number): number =>
    importers.reduce((total, importer) => total + of(importer), 0);
  return {
    round: importers[0]?.plan.round ?? '',
    traces: sum(({ counts }) => counts.traces),
    newProblems: sum(({ newProblems }) => newProblems.length),
    duplicates: sum(({ counts }) => counts.duplicates),
    outcomes,
    passed: sum(({ counts }) => counts.passed),
  };
}

export const print: Print<'import-traces'> = (result) =>
  lines(
    `${result.rounds.length > 1 ? `Rounds ${result.rounds.join(', ')}` : `Round ${result.round}`}: ${plural(result.traces, 'trace')} of ${plural(result.rows, 'row')} in ${formatSeconds(result.seconds)}; ${plural(result.newProblems, 'new problem')}, ${plural(result.duplicates, 'duplicate')}, ${formatCount(result.bad.length)} bad.`,
    `Graded: ${formatCounts(result.outcomes)}. ${formatCount(result.passed)} passed the filters.`,
    ...(result.reviews === undefined ? [] : [`${plural(result.reviews, 'review act')} taken along.`]),
    ...badLines(result.bad),
  );

/** Reads, grades and yields all traces of the file in order, as lines of chains. */
async function* fill(
  importer: TraceImporter,
  pool: TracePool,
  source: SourceFile,
  readRow: Reader,
  report: ImportReport,
  { signal }: VerbContext,
): AsyncGenerator<string> {
  const grading: { chain: Promise<string>; size: number }[] = [];
  let size = 0;
  let number = 0;
  const next = (): Promise<string> | undefined => {
    const first = grading.shift();
    size -= first?.size ?? 0;
    return first?.chain;
  };
  for await (const read of source.rows({ signal })) {
    report.row(read, `${plural(importer.counts.traces, 'trace')} graded`);
    number += 1;
    const mapped = readRow(read, number);
    if (mapped === undefined) continue;
    if ('reason' in mapped) {
      report.refuse(read.line, mapped.reason);
      continue;
    }
    for (const { trace, key } of mapped.traces) {
      const grade = await importer.take(trace, read.line, key);
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
}

/**
 * Appends acts to the reviews of the dataset, unless they are there.
 * @param reviewed The chains, by the keys of their acts. @returns Acts that were appended.
 */
async function takeReviews(
  dataset: Dataset,
  reviews: NonNullable<TraceImport['reviews']>,
  reviewed: ReadonlyMap<string, string>,
): Promise<number> {
  const taken = new Map<string, ReviewAct[]>();
  let count = 0;
  for (const [key, chainId] of reviewed) {
    const known = new Set((await dataset.reviewActs(chainId)).map(({ id }) => id));
    // Other acts of its batch may be about traces that were not imported.
    for (const { batch: _batch, ...act } of reviews.acts(key)) {
      if (known.has(act.id)) continue;
      const acts = taken.get(act.reviewer) ?? [];
      taken.set(act.reviewer, acts);
      acts.push({ ...act, chainId });
      count++;
    }
  }
  for (const acts of taken.values()) await dataset.appendReviews(acts);
  return count;
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
    if (importer.counts.traces === 0) return;
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
    for await (const read of readLines(from, { parse: (json) => json }))
      if (!('error' in read)) yield importer.banded(read.text, read.line);
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
