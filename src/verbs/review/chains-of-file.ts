import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { recogniseFile } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { Query } from '../../core/query/query.ts';
import { type FileMapping, FilterSettings } from '../../core/schemas/index.ts';
import { TracePool } from '../../grading/trace-pool.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { decisionIn } from '../../store/decisions.ts';
import { SideFile } from '../../store/side-file.ts';
import { RECOGNISE_ROWS } from '../../store/source/index.ts';
import { openRowFile, type RowFile } from '../../store/source/row-file.ts';
import { FileFindings } from '../../store/trace-table/file-findings.ts';
import { FileReviews } from '../../store/trace-table/file-reviews.ts';
import { SavedReadings } from '../../store/trace-table/saved-readings.ts';
import { TraceTable } from '../../store/trace-table/trace-table.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { VerbArgs, VerbResult } from '../index.ts';

type Listed = VerbResult<'chains'>;

/** The chains of a file that belongs to no dataset. It is graded only where the query or the order needs it. */
export async function chainsOfFile(
  path: string,
  query: Query,
  { reviewer: as, sort: field, descending, limit }: VerbArgs<'chains'>,
  { distFolder, signal, progress, env }: VerbContext,
): Promise<Listed> {
  const side = await SideFile.open(path);
  const saved = await SavedReadings.of(path, join(cacheFolder(env), 'files'), distFolder);
  const file = await openRowFile(path, saved?.places);
  const pool = new TracePool(
    { policy: resolvePolicy('default'), filters: FilterSettings.parse({}) },
    { distFolder, workers: availableParallelism(), signal },
  );
  try {
    const table = new TraceTable(
      file,
      basename(path),
      side.columns ?? (await columnsOf(file)),
      async () => pool,
      saved,
      new FileFindings(path),
    );
    await table.restore();
    const work = {
      signal,
      progress: (_doing: string, share: number) =>
        progress({ done: Math.round(share * file.size), total: file.size, unit: 'bytes' }),
    };
    while (file.searched < file.size) {
      signal.throwIfAborted();
      await file.search();
    }
    const reviews = new FileReviews(side);
    const places = reviews.unchecked(file.rows);
    reviews.checked(
      places,
      (await table.factsOf(places, work)).map((fact) => fact?.key),
    );
    const sort = field && { field, ...defined({ descending }) };
    const scope = { query, sort, reviewer: as, reviews: reviews.all, facets: [] };
    const found = await table.find(scope, work);
    const total = found.positions?.length ?? table.order.length;
    const ids = Array.from({ length: Math.min(limit, total) }, (_, at) => table.order.at(found.positions?.[at] ?? at));
    const rows = await table.rowsOf(ids.filter((id) => id !== undefined));
    const chains = rows.map(({ id, problemId = '', model = '', level, topic, verdict, tokens = 0, filters }) => ({
      ...{ id, problem: problemId, round: basename(path), model, tokens, failed: filters },
      ...defined({ level, topic, verdict }),
      decision: decisionIn(reviews.of(id), as),
    }));
    return { total, all: table.order.length, chains };
  } finally {
    await Promise.all([pool.close(), file.close()]);
  }
}

async function columnsOf(file: RowFile): Promise<FileMapping> {
  const rows: unknown[] = [];
  for (let index = 0; rows.length < RECOGNISE_ROWS; index++) {
    const read = await file.row(index);
    if (read === undefined) break;
    if ('row' in read) rows.push(read.row);
  }
  const found = recogniseFile(rows);
  if ('reason' in found) throw new VerbError(found.reason, 'Open the file in the editor, and choose its columns.');
  return found;
}
