import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sensitiveParts } from '../../core/examine/rules/sensitive.ts';
import {
  datasetCard,
  EXPORT_FORMS,
  type FileEntry,
  featuresOf,
  fileOfSet,
  MANIFEST_FILE,
  type Manifest,
  type PublishedFacts,
  parquetName,
  pseudonyms,
  REVIEWS_FILE,
  ROW_SETS,
  readManifest,
  renameReviewers,
  withoutReviewTexts,
} from '../../core/export/index.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { formatQuery, renameInQuery } from '../../core/query/query.ts';
import { formatCount } from '../../core/text/format.ts';
import type { LocalFile } from '../../hub/index.ts';
import { openSource, type SourceRow } from '../../store/source/index.ts';
import { fileHash, LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { HashedFile, writeHashed } from './files.ts';
import { ParquetFile } from './parquet.ts';

/** Places of keys and personal data that are listed; more are counted. */
const MOST_LISTED = 50;
export const CARD_FILE = 'README.md';

/** A place with a key or personal data, which the excerpt hides. */
export interface SensitivePlace {
  file: string;
  line: number;
  reason: string;
  excerpt: string;
}

/** What of the reviews is published. */
export interface PublishedReviews {
  /** Decisions, notes, reasons and tags. */
  reviews: boolean;
  /** Names of reviewers, in place of pseudonyms. */
  names: boolean;
}

/** An export, read whole. */
export interface ScannedExport {
  folder: string;
  /** Without tags of reviewers, unless reviews are published. */
  manifest: Manifest;
  publishes: PublishedReviews;
  /** Names of its files, without those that are not published. */
  files: readonly string[];
  /** Names of the reviewers in all of its files. */
  reviewers: ReadonlySet<string>;
  /** The files whose rows are published with changes. */
  changing: ReadonlySet<string>;
  sensitive: readonly SensitivePlace[];
  /** Number of places, with those that are not listed. */
  sensitiveCount: number;
}

/**
 * Reads an export whole: checks that its files are those of its manifest, and looks for keys, personal data and names of reviewers.
 * Searches what is published of them.
 * @throws VerbError where the folder is no export, a file was changed or a row can't be read.
 */
export async function scanExport(
  folder: string,
  publishes: PublishedReviews,
  context: VerbContext,
): Promise<ScannedExport> {
  const manifest = await manifestOf(folder);
  if (!publishes.reviews) delete manifest.counts.byTag;
  const files = Object.keys(manifest.files).filter((name) => publishes.reviews || name !== REVIEWS_FILE);
  const total = files.reduce((sum, name) => sum + (manifest.files[name]?.bytes ?? 0), 0);
  const scan = new Scan(publishes);
  scan.values(MANIFEST_FILE, 1, manifest, renameInManifest);
  let done = 0;
  for (const name of files) {
    context.signal.throwIfAborted();
    context.progress({ done, total, unit: 'bytes', message: `Checking ${name}` });
    const entry = manifest.files[name];
    await refuseLink(folder, name);
    if (entry === undefined || (await fileHash(join(folder, name)).catch(() => '')) !== entry.sha256) {
      throw new VerbError(`${join(folder, name)} is not what the manifest lists.`, 'Export the set again.');
    }
    done += entry.bytes;
    if (isRows(name)) for await (const { row, line } of rowsOf(folder, name, context)) scan.values(name, line, row);
  }
  const { reviewers, changing, sensitive, sensitiveCount } = scan;
  return { folder, manifest, publishes, files, reviewers, changing, sensitive, sensitiveCount };
}

/** An export that others made must not name files outside of it. @throws VerbError where the file is behind a symbolic link */
async function refuseLink(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || real === join(await realpath(folder), name)) return;
  throw new VerbError(`${path} is behind a symbolic link.`, 'Export the set again, or replace the link with the file.');
}

/** What a scan has found so far. */
class Scan {
  readonly reviewers = new Set<string>();
  readonly changing = new Set<string>();
  readonly sensitive: SensitivePlace[] = [];
  sensitiveCount = 0;

  readonly #publishes: PublishedReviews;

  constructor(publishes: PublishedReviews) {
    this.#publishes = publishes;
  }

  /** Looks at every text of a value that is published. */
  values<T>(file: string, line: number, value: T, rename: Rename<T> = renameReviewers): void {
    const { reviews, names } = this.#publishes;
    const kept = reviews ? value : (withoutReviewTexts(value) as T);
    if (kept !== value) this.changing.add(file);
    const published = rename(kept, (name) => {
      this.reviewers.add(name);
      if (!names) this.changing.add(file);
      return names ? name : 'reviewer';
    });
    const found = new Map(
      textsIn(published).flatMap((text) => sensitiveParts(text).map((part) => [part.reason, part])),
    );
    for (const part of found.values()) {
      this.sensitiveCount += 1;
      if (this.sensitive.length < MOST_LISTED) this.sensitive.push({ file, line, ...part });
    }
  }
}

type Rename<T> = (value: T, nameOf: (reviewer: string) => string) => unknown;

/** A copy of the manifest in which every reviewer has another name, also in the query. A query that can't be read is left out. */
function renameInManifest(manifest: Manifest, nameOf: (reviewer: string) => string): Manifest {
  const renamed = renameReviewers(manifest, nameOf) as Manifest;
  const { query, ...selection } = renamed.selection;
  if (query === undefined) return renamed;
  try {
    return { ...renamed, selection: { ...selection, query: formatQuery(renameInQuery(parseQuery(query), nameOf)) } };
  } catch {
    return { ...renamed, selection };
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/**
 * Makes the files to publish: those of the export, except for names and texts of reviewers that are not published, and the card, which has what was found.
 * The same export gives the same files.
 * @param stage Folder for files that differ from those of the export; it is emptied first.
 */
export async function stageExport(
  scan: ScannedExport,
  { stage, facts }: { stage: string; facts: PublishedFacts },
  context: VerbContext,
): Promise<{ files: LocalFile[]; card: string }> {
  const { folder, manifest, publishes, files, reviewers, changing } = scan;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  const pseudonym = publishes.names ? new Map<string, string>() : pseudonyms(reviewers);
  const nameOf = (name: string): string => pseudonym.get(name) ?? name;
  const change = (row: unknown): unknown => renameReviewers(publishes.reviews ? row : withoutReviewTexts(row), nameOf);
  const entries: Record<string, FileEntry> = {};
  const staged: LocalFile[] = [];
  const add = (name: string, entry: FileEntry, from: string): void => {
    entries[name] = entry;
    staged.push({ path: name, from: join(from, name), bytes: entry.bytes });
  };
  for (const name of files) {
    const entry = manifest.files[name];
    if (entry === undefined || name === CARD_FILE) continue;
    if (changing.has(name)) add(name, await changedRows(scan, stage, name, change, context), stage);
    else add(name, entry, folder);
  }
  const renamed = { ...(publishes.names ? manifest : renameInManifest(manifest, nameOf)), files: entries };
  const card = datasetCard(renamed, entries, facts);
  add(CARD_FILE, await writeHashed(stage, CARD_FILE, card), stage);
  add(MANIFEST_FILE, await writeHashed(stage, MANIFEST_FILE, `${JSON.stringify(renamed, null, 2)}\n`), stage);
  return { files: staged, card };
}

async function changedRows(
  { folder, manifest }: ScannedExport,
  stage: string,
  name: string,
  change: (row: unknown) => unknown,
  context: VerbContext,
): Promise<FileEntry> {
  const file = copyOf(stage, name, manifest);
  try {
    for await (const { row } of rowsOf(folder, name, context)) {
      const changed = change(row) as Readonly<Record<string, unknown>>;
      const text = JSON.stringify(changed);
      if (file instanceof HashedFile) await file.row(text);
      else await file.row(changed, text.length);
    }
  } finally {
    await file.close();
  }
  return file.entry;
}

function copyOf(stage: string, name: string, { form = 'sft' }: Manifest): HashedFile | ParquetFile {
  if (!name.endsWith('.parquet')) return new HashedFile(stage, name);
  const isNamed = (file: string): boolean => ROW_SETS.some((set) => parquetName(fileOfSet(set, file)) === name);
  const rows = EXPORT_FORMS[form]?.files.find((file) => isNamed(file.name));
  if (rows === undefined) throw new VerbError(`${name} has rows of an unknown form.`, 'Export the set again.');
  return new ParquetFile(stage, name, featuresOf(rows.row));
}

const isRows = (name: string): boolean => /\.(?:jsonl|parquet)$/.test(name);

async function* rowsOf(
  folder: string,
  name: string,
  { signal }: Pick<VerbContext, 'signal'>,
): AsyncGenerator<Extract<SourceRow, { row: unknown }>> {
  const source = await openSource(join(folder, name));
  for await (const read of source.rows({ signal })) {
    if ('row' in read) yield read;
    else
      throw new VerbError(
        `Row ${formatCount(read.line)} of ${name} can’t be published: ${read.reason}.`,
        'Export without it.',
      );
  }
}

async function manifestOf(folder: string): Promise<Manifest> {
  const text = await readWholeText(join(folder, MANIFEST_FILE), LARGEST_STATE).catch(() => '');
  const manifest = readManifest(text);
  if (manifest !== undefined) return manifest;
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  throw new VerbError(
    isFolder ? `${folder} is not an export: it has no valid ${MANIFEST_FILE}.` : `There is no folder ${folder}.`,
    'Name a folder in exports/ of a dataset, which “longhand export” writes.',
  );
}
