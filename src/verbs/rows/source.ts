import { basename, parse } from 'node:path';
import {
  columnsOf,
  isHubName,
  knownSet,
  type Named,
  recogniseColumns,
  recogniseTraces,
  withNamedColumns,
} from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { type ColumnMapping, type FileMapping, type HubOrigin, TraceMapping } from '../../core/schemas/index.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { SideFile } from '../../store/side-file.ts';
import { firstRows, joinedSource, openSource, RECOGNISE_ROWS, type SourceFile } from '../../store/source/index.ts';
import { type VerbContext, VerbError } from '../context.ts';

/** Rows of a file, or of a problem set on the Hugging Face hub. */
export interface RowSource {
  source: SourceFile;
  /** What its rows are called after: the file without its extension, the set without its owner. */
  stem: string;
  /** What a problem gives as its source where its row names none. */
  origin: string;
  hub?: HubOrigin;
}

/**
 * Opens a file, or brings a set of the hub (`hf:…`) into the cache and opens that.
 * @throws UserError `source` for a file that is not read; HubError for a set that can't be had; VerbError where the name of a set lacks its `hf:`.
 */
export async function openRows(named: string, context: VerbContext): Promise<RowSource> {
  if (isHubName(named)) return openSet(named, context);
  try {
    return { source: await openSource(named), stem: parse(named).name, origin: basename(named) };
  } catch (error) {
    if (knownSet(named) === undefined) throw error;
    throw new VerbError(`There is no file ${named}.`, `For the set on the Hugging Face hub write hf:${named}.`);
  }
}

/** Brings a set of the hub (`hf:…`) into the cache. `mostBytes`: as of `fetchSet`. @throws HubError for a set that can't be had. */
export async function fetchRows(
  named: string,
  context: VerbContext,
  mostBytes?: number,
): Promise<{ origin: HubOrigin; files: string[] }> {
  // Loaded here: nothing of it is needed for a file.
  const { endpointFromEnvironment, fetchSet } = await import('../../hub/index.ts');
  const { env, signal, log, progress } = context;
  const endpoint = endpointFromEnvironment(env);
  return fetchSet(named, { endpoint, cache: cacheFolder(env), signal, log, progress, ...defined({ mostBytes }) });
}

async function openSet(named: string, context: VerbContext): Promise<RowSource> {
  const { log } = context;
  const { origin, files } = await fetchRows(named, context);
  const licence = origin.licence === undefined ? 'its card names no licence' : `licence ${origin.licence}`;
  log(`${origin.name}: ${origin.files.map(({ path }) => path).join(', ')}; ${licence}.`);
  const source = joinedSource(await Promise.all(files.map((file) => openSource(file))));
  return { source, stem: parse(origin.repo).base, origin: origin.name, hub: origin };
}

/**
 * What the columns mean: as named, else for a known set as it is known, where it still has those columns, else as recognised.
 * @throws VerbError with what there is when they are not recognised. `advice`: what the person can do then.
 */
export async function columnsOfRows(
  { source, hub }: RowSource,
  advice: string,
  { signal }: Pick<VerbContext, 'signal'>,
  named: Named<ColumnMapping> = {},
): Promise<ColumnMapping> {
  const rows = await firstRows(source, RECOGNISE_ROWS, { signal });
  const found = withNamedColumns(knownColumns(rows, hub) ?? recogniseColumns(rows), named, ['problem', 'answer'], rows);
  if ('reason' in found) throw new VerbError(found.reason, advice);
  return { ...found, answerFrom: found.answerFrom ?? 'plain' };
}

/**
 * As columnsOfRows, for traces.
 * @param chosen In the editor; where columns are named, they don't count. @throws VerbError where question or trace are neither named nor recognised.
 */
export async function traceColumnsOfRows(
  { source }: RowSource,
  { signal }: Pick<VerbContext, 'signal'>,
  named?: Named<TraceMapping>,
  chosen?: FileMapping,
): Promise<TraceMapping> {
  const whole = named === undefined ? TraceMapping.safeParse(chosen).data : undefined;
  if (whole) return whole;
  const rows = await firstRows(source, RECOGNISE_ROWS, { signal });
  const found = withNamedColumns(recogniseTraces(rows), named ?? chosen ?? {}, ['problem', 'trace'], rows);
  if ('reason' in found) throw new VerbError(found.reason, NAME_TRACE_COLUMNS);
  return found;
}

/** What was decided about a file in its editor, with the columns that were chosen there; undefined for a set of the hub. @throws StoreError if it is a link */
export async function sideOfRows(named: string): Promise<SideFile | undefined> {
  return isHubName(named) ? undefined : SideFile.open(named);
}

const NAME_TRACE_COLUMNS =
  'Name the columns with --problem and --trace. Recognised are chats, prompt and completion, problem and generations, Alpaca, logs of Inspect, and problem with trace, response, output or solution.';

/** The mapping of a known set, if its rows have all of the columns. */
export function knownColumns(rows: readonly unknown[], hub: HubOrigin | undefined): ColumnMapping | undefined {
  const mapping = hub && knownSet(hub.repo)?.mapping;
  if (mapping === undefined) return undefined;
  const there = new Set(columnsOf(rows));
  const { answerFrom: _how, ...columns } = mapping;
  const all = Object.values(columns).every((column) => column === undefined || there.has(column));
  return all ? mapping : undefined;
}
