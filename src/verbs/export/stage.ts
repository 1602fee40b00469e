import { mkdir, rm, stat } from 'node:fs/promises';
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
  ROW_SETS,
  readManifest,
  renameReviewers,
} from '../../core/export/index.ts';
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

/** An export, read whole. */
export interface ScannedExport {
  folder: string;
  manifest: Manifest;
  /** Names of its files, without those that are not published. */
  files: readonly string[];
  /** Names of the reviewers in all of its files. */
  reviewers: ReadonlySet<string>;
  /** The files whose rows name reviewers. */
  naming: ReadonlySet<string>;
  sensitive: readonly SensitivePlace[];
  /** Number of places, with those that are not listed. */
  sensitiveCount: number;
}

/**
 * Reads an export whole: checks that its files are those of its manifest, and looks for keys, personal data and names of reviewers.
 * @param without Files that are not published.
 * @throws VerbError where the folder is no export, a file was changed or a row can't be read.
 */
export async function scanExport(
  folder: string,
  without: ReadonlySet<string>,
  context: VerbContext,
): Promise<ScannedExport> {
  const manifest = await manifestOf(folder);
  const files = Object.keys(manifest.files).filter((name) => !without.has(name));
  const total = files.reduce((sum, name) => sum + (manifest.files[name]?.bytes ?? 0), 0);
  const scan = new Scan();
  scan.values(MANIFEST_FILE, 1, manifest);
  let done = 0;
  for (const name of files) {
    context.signal.throwIfAborted();
    context.progress({ done, total, unit: 'bytes', message: `Checking ${name}` });
    const entry = manifest.files[name];
    if (entry === undefined || (await fileHash(join(folder, name)).catch(() => '')) !== entry.sha256) {
      throw new VerbError(`${join(folder, name)} is not what the manifest lists.`, 'Export the set again.');
    }
    done += entry.bytes;
    if (isRows(name)) for await (const { row, line } of rowsOf(folder, name, context)) scan.values(name, line, row);
  }
  const { reviewers, naming, sensitive, sensitiveCount } = scan;
  return { folder, manifest, files, reviewers, naming, sensitive, sensitiveCount };
}

/** What a scan has found so far. */
class Scan {
  readonly reviewers = new Set<string>();
  readonly naming = new Set<string>();
  readonly sensitive: SensitivePlace[] = [];
  sensitiveCount = 0;

  /** Looks at every text in a value. */
  values(file: string, line: number, value: unknown): void {
    renameReviewers(value, (name) => {
      this.reviewers.add(name);
      this.naming.add(file);
      return name;
    });
    const found = new Map(textsIn(value).flatMap((text) => sensitiveParts(text).map((part) => [part.reason, part])));
    for (const part of found.values()) {
      this.sensitiveCount += 1;
      if (this.sensitive.length < MOST_LISTED) this.sensitive.push({ file, line, ...part });
    }
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/**
 * Makes the files to publish: those of the export, except that reviewers have pseudonyms unless their names are published, and the card has what was found.
 * The same export gives the same files.
 * @param stage Folder for files that differ from those of the export; it is emptied first.
 */
export async function stageExport(
  scan: ScannedExport,
  { stage, names, facts }: { stage: string; names: boolean; facts: PublishedFacts },
  context: VerbContext,
): Promise<{ files: LocalFile[]; card: string }> {
  const { folder, manifest, files, reviewers, naming } = scan;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  const pseudonym = names ? new Map<string, string>() : pseudonyms(reviewers);
  const rename = (value: unknown): unknown => renameReviewers(value, (name) => pseudonym.get(name) ?? name);
  const entries: Record<string, FileEntry> = {};
  const staged: LocalFile[] = [];
  const add = (name: string, entry: FileEntry, from: string): void => {
    entries[name] = entry;
    staged.push({ path: name, from: join(from, name), bytes: entry.bytes });
  };
  for (const name of files) {
    const entry = manifest.files[name];
    if (entry === undefined || name === CARD_FILE) continue;
    if (names || !naming.has(name)) add(name, entry, folder);
    else add(name, await renamedRows(scan, stage, name, rename, context), stage);
  }
  const renamed = { ...(rename(manifest) as Manifest), files: entries };
  const card = datasetCard(renamed, entries, facts);
  add(CARD_FILE, await writeHashed(stage, CARD_FILE, card), stage);
  add(MANIFEST_FILE, await writeHashed(stage, MANIFEST_FILE, `${JSON.stringify(renamed, null, 2)}\n`), stage);
  return { files: staged, card };
}

async function renamedRows(
  { folder, manifest }: ScannedExport,
  stage: string,
  name: string,
  rename: (value: unknown) => unknown,
  context: VerbContext,
): Promise<FileEntry> {
  const file = copyOf(stage, name, manifest);
  try {
    for await (const { row } of rowsOf(folder, name, context)) {
      const renamed = rename(row) as Readonly<Record<string, unknown>>;
      const text = JSON.stringify(renamed);
      if (file instanceof HashedFile) await file.row(text);
      else await file.row(renamed, text.length);
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
