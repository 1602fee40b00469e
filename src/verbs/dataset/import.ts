import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type MappedProblem, mapRow } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import type { ColumnMapping, Problem } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import type { BadLine } from '../../protocol/damage.ts';
import { BENCHMARKS_FOLDER } from '../../store/benchmarks.ts';
import { problemHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { refuseLinks } from '../../store/links.ts';
import { freeName, slug } from '../../store/names.ts';
import { AtomicWriter, sweepTemporaries } from '../../system/atomic-write.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { columnsOfRows, openRows, type RowSource } from '../rows/source.ts';
import { withDataset } from '../with-dataset.ts';
import { ImportIds } from './import-ids.ts';
import { badLines, ImportReport } from './import-report.ts';

/** Characters gathered for one write. */
const BATCH = 256 * 1024;
const NAME_COLUMNS = 'Name the columns with --problem and --answer.';

export const run: Run<'import'> = async ({ dataset: folder, file, mapping, name, benchmark }, context) => {
  const started = performance.now();
  return withDataset(folder, context, async (dataset) => {
    const rows = await openRows(file, context);
    const columns = await columnsOfRows(rows, NAME_COLUMNS, context, mapping);
    const into = benchmark ? BENCHMARKS_FOLDER : 'problems';
    const target = join(dataset.folder, into);
    await refuseLinks(dataset.folder, target);
    await mkdir(target, { recursive: true });
    await sweepTemporaries(target);
    const written = await freeName(target, slug(name ?? rows.stem, 'problems'), '.jsonl');
    const report = new ImportReport(rows.source.size, context);
    const importer = new ProblemImporter(benchmark ? undefined : dataset, rows, report);
    const imported = await importer.run(columns, join(target, written), context);
    return {
      // Empty: there was nothing new to write.
      file: imported > 0 ? `${into}/${written}` : '',
      rows: report.rows,
      imported,
      duplicates: importer.duplicates,
      bad: report.bad,
      seconds: (performance.now() - started) / 1000,
    };
  });
};

export const print: Print<'import'> = (result) =>
  lines(
    `${formatCount(result.imported)} of ${plural(result.rows, 'row')} imported${result.file === '' ? '' : ` to ${result.file}`} in ${formatSeconds(result.seconds)}; ${plural(result.duplicates, 'duplicate')}, ${formatCount(result.bad.length)} bad.`,
    ...badLines(result.bad),
  );

/** Writes the new problems of a file atomically. */
class ProblemImporter {
  duplicates = 0;
  /** Undefined for a benchmark, whose problems may be in the dataset: that is what the filter is to find. */
  readonly #dataset: Dataset | undefined;
  readonly #rows: RowSource;
  readonly #report: ImportReport;
  readonly #ids: ImportIds;
  /** Hash of the normalised text to the gold answer. */
  readonly #seen = new Map<string, string>();

  constructor(dataset: Dataset | undefined, rows: RowSource, report: ImportReport) {
    this.#dataset = dataset;
    this.#rows = rows;
    this.#report = report;
    this.#ids = new ImportIds(slug(rows.stem, 'problem'), (id) => dataset?.index.problem(id) !== undefined);
  }

  async run(mapping: ColumnMapping, path: string, { signal }: VerbContext): Promise<number> {
    const writer = await AtomicWriter.create(path);
    let imported = 0;
    let batch = '';
    try {
      for await (const read of this.#rows.source.rows({ signal })) {
        this.#report.row(read, plural(imported, 'problem'));
        const mapped = 'row' in read ? mapRow(read.row, mapping) : read;
        if ('reason' in mapped) this.#report.refuse(read.line, mapped.reason);
        else {
          const problem = this.#take(mapped.problem, read.line);
          if (!problem) continue;
          imported++;
          batch += `${JSON.stringify(problem)}\n`;
          if (batch.length < BATCH) continue;
          await writer.write(batch);
          batch = '';
        }
      }
      this.#report.end();
      signal.throwIfAborted();
      if (imported > 0) {
        await writer.write(batch);
        await writer.commit();
      } else if (this.duplicates === 0) throw nothingUsable(this.#report.bad);
    } finally {
      await writer.abort();
    }
    return imported;
  }

  /** Undefined for a problem that is there already. */
  #take(mapped: MappedProblem, line: number): Problem | undefined {
    const hash = problemHash(mapped.problem);
    const known = this.#seen.get(hash);
    if (known !== undefined || this.#dataset?.index.problemByHash(hash) !== undefined) {
      this.duplicates++;
      if (known !== undefined && known !== mapped.answer) {
        this.#report.note(line, `the same problem came before with answer ${known}; ${mapped.answer} is skipped`);
      }
      return undefined;
    }
    this.#seen.set(hash, mapped.answer);
    const id = this.#ids.take(mapped.id, hash);
    const licence = mapped.licence ?? this.#rows.hub?.licence;
    return {
      ...mapped,
      id,
      source: mapped.source ?? this.#rows.origin,
      ...defined({ licence }),
    };
  }
}

function nothingUsable(bad: readonly BadLine[]): VerbError {
  const first = bad[0];
  return new VerbError(
    'No row of the file could be used.',
    first ? `Line ${first.line}: ${first.reason}. Are these the right columns?` : 'Is it the right file?',
  );
}
