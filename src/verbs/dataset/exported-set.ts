import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import {
  type ExportContext,
  type ExportedTrace,
  formatHubName,
  isHubName,
  parseHubName,
} from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import {
  actsOfReview,
  fileOfSet,
  MANIFEST_FILE,
  type Manifest,
  PROBLEMS_FILE,
  parquetName,
  REVIEWS_FILE,
  ReviewRow,
  ROW_FILES,
  ROW_SETS,
  readManifest,
} from '../../core/export/index.ts';
import { Problem, type ReviewAct } from '../../core/schemas/index.ts';
import { formatBytes, plural } from '../../core/text/format.ts';
import { linesOf } from '../../store/lines/files.ts';
import { joinedSource, openSource } from '../../store/source/index.ts';
import { fileHash, LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { fetchRows, type RowSource } from '../rows/source.ts';

/** An export of Longhand, to import. */
export interface ExportedSet extends ExportContext {
  rows: RowSource;
  manifest: Manifest;
}

/** Where a file of an export is on this machine. */
type PathOf = (name: string) => Promise<string>;

/**
 * The export in a folder, or in a set of the hub; undefined for a file, or a set that is none. @throws VerbError for a folder without an export, and for a form
 * that has no chains.
 */
export async function openExported(named: string, context: VerbContext): Promise<ExportedSet | undefined> {
  if (isHubName(named)) return openOnHub(named, context);
  if ((await stat(named).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const manifest = await manifestAt(join(named, MANIFEST_FILE));
  if (manifest !== undefined) return readSet(manifest, named, async (name) => join(named, name), context);
  throw new VerbError(`${named} is a folder without a manifest of an export.`, 'Name a file, or a folder in exports/.');
}

/** Most bytes of a file of an export that are downloaded: its manifest may be a stranger's. */
const MOST_BYTES = 20e9;

/** A set that is named whole, with a manifest of ours. */
async function openOnHub(named: string, context: VerbContext): Promise<ExportedSet | undefined> {
  const name = parseHubName(named);
  if ('reason' in name || name.config !== undefined || name.split !== undefined || name.file !== undefined)
    return undefined;
  const fetch = (file: string, revision: string | undefined, mostBytes?: number) =>
    fetchRows(formatHubName({ repo: name.repo, file, ...defined({ revision }) }), context, mostBytes);
  const found = await fetch(MANIFEST_FILE, name.revision).catch((error: unknown) => {
    // A set without a manifest is none of ours. One that does not exist is reported when its rows are opened.
    if (error instanceof UserError && error.kind === 'not-found') return undefined;
    throw error;
  });
  const [path] = found?.files ?? [];
  const manifest = path === undefined ? undefined : await manifestAt(path);
  if (manifest === undefined || found === undefined) return undefined;
  // The set may be large, but no file larger than it should be.
  const pathOf = async (file: string): Promise<string> => {
    const bytes = manifest.files[file]?.bytes ?? 0;
    context.log(`${found.origin.repo}: ${file}, ${formatBytes(bytes)}.`);
    return (await fetch(file, found.origin.commit, Math.min(bytes, MOST_BYTES))).files[0] ?? '';
  };
  return readSet(manifest, found.origin.repo, pathOf, context);
}

/** Files whose rows have all that a chain has, the best first. */
const ROW_FILE_NAMES = [ROW_FILES.messages, ROW_FILES.prompt_completion].flatMap((name) => [name, parquetName(name)]);

async function manifestAt(path: string): Promise<Manifest | undefined> {
  return readManifest(await readWholeText(path, LARGEST_STATE).catch(() => ''));
}

async function readSet(
  manifest: Manifest,
  named: string,
  pathOf: PathOf,
  { log }: Pick<VerbContext, 'log'>,
): Promise<ExportedSet> {
  const has = (name: string): boolean => manifest.files[name] !== undefined;
  const first = ROW_FILE_NAMES.find((name) => ROW_SETS.some((set) => has(fileOfSet(set, name))));
  if (first === undefined)
    throw new VerbError(
      `${named} has no file of chains.`,
      `Export it in the form sft: it then has ${ROW_FILE_NAMES[0]}.`,
    );
  if (manifest.rounds.length === 0)
    throw new VerbError(`In ${named}, ${MANIFEST_FILE} has no round.`, `${AGAIN} ${WITHOUT_MANIFEST}`);
  const checked: PathOf = async (name) => {
    const path = await pathOf(name);
    if ((await fileHash(path)) === manifest.files[name]?.sha256) return path;
    throw new VerbError(`In ${named}, ${name} is not as in ${MANIFEST_FILE}.`, `${AGAIN} ${WITHOUT_MANIFEST}`);
  };
  const bad = (name: string) => (lines: readonly number[]) =>
    log(`Can’t read ${plural(lines.length, 'line')} in ${name}: ${named}. The first is line ${lines[0]}.`);
  const files = ROW_SETS.map((set) => fileOfSet(set, first)).filter(has);
  const sources = await Promise.all(files.map(async (name) => openSource(await checked(name))));
  const rows: RowSource = { source: joinedSource(sources), stem: parse(named).base, origin: manifest.name };
  const problems = new Map<string, Problem>();
  if (has(PROBLEMS_FILE))
    for await (const problem of linesOf(await checked(PROBLEMS_FILE), Problem, bad(PROBLEMS_FILE)))
      problems.set(problem.id, problem);
  const kinds = new Map(manifest.rounds.map(({ round, kind }) => [round, kind]));
  if (!has(REVIEWS_FILE)) return { manifest, rows, problems, reviews: undefined, kinds };
  const reviews = new Map<string, ReviewRow[]>();
  for await (const review of linesOf(await checked(REVIEWS_FILE), ReviewRow, bad(REVIEWS_FILE))) {
    const known = reviews.get(review.id);
    if (known) known.push(review);
    else reviews.set(review.id, [review]);
  }
  return { manifest, rows, problems, reviews, kinds };
}

const AGAIN = 'Export the set again.';
const WITHOUT_MANIFEST = 'To import its rows alone, name the file.';

/** Reviewer of chains that an export lists as accepted, without naming who accepted them. */
const UNNAMED = 'imported';

/** The acts that repeat the reviews of a row, on a chain of its id. */
export function actsOfRow(
  { manifest, reviews }: Pick<ExportedSet, 'manifest' | 'reviews'>,
  id: string,
  { overrides, steps, text }: Pick<ExportedTrace, 'overrides' | 'steps' | 'text'>,
): ReviewAct[] {
  const known = reviews?.get(id);
  if (known !== undefined)
    return known.flatMap((review) =>
      actsOfReview(review, steps.find(({ reviewer }) => reviewer === review.reviewer)?.marks, text),
    );
  const empty = { id, reason: null, at: manifest.createdAt, edited: false, note: null, tags: [] };
  const given = overrides.map(({ reviewer, outcome, reason }) =>
    actsOfReview({ ...empty, reviewer, decision: 'pending', outcome, outcome_reason: reason }),
  );
  const [only, ...others] = manifest.reviewers;
  const reviewer = only !== undefined && others.length === 0 ? only.reviewer : UNNAMED;
  const accepted = { ...empty, reviewer, decision: 'accepted' as const, outcome: null, outcome_reason: null };
  return [...given.flat(), ...(manifest.selection.select === 'accepted' ? actsOfReview(accepted) : [])];
}
