import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, temporaryPath } from '../system/atomic-write.ts';
import { StoreError } from './errors.ts';
import { readdirIfExists } from './lines/files.ts';
import { refuseLinks } from './links.ts';

/** Names that Windows reserves for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const LONGEST = 60;

/**
 * A file name for a name given by the user: letters, digits, `.`, `_`, `-`, `@` and `+` stay, runs of others become one `-`. When characters are lost, a
 * part of the name's hash is added.
 */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._@+-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, LONGEST);
  if (plain === name && plain !== '' && !DEVICE.test(plain)) return plain;
  const mark = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return plain === '' || DEVICE.test(plain) ? `x-${plain}${mark}` : `${plain}-${mark}`;
}

/** A name for a round, a file or an export from free text: lower case, at most 40 characters, never empty. */
export function slug(text: string, fallback: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return plain === '' || DEVICE.test(plain) ? fallback : plain;
}

/** Checks that a name from the command line or a file is a plain visible file name. @throws StoreError `bad-name` */
export function plainName(name: string, what: string): string {
  if (/^[^/\\:\0]+$/.test(name) && !name.startsWith('.')) return name;
  throw new StoreError(
    'bad-name',
    `“${name}” is not a valid name of ${what}.`,
    'Use a name without slashes that does not start with a dot.',
  );
}

/** `name` with `ending`, or with `-2`, `-3` … before it if the folder has such a file. */
export async function freeName(folder: string, name: string, ending: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = `${name}${n === 1 ? '' : `-${n}`}${ending}`;
    if (!(await lstat(join(folder, candidate)).catch(() => undefined))) return candidate;
  }
}

/** Orders round names by their number, then by name; names without a number come last. */
export function byRoundNumber(a: string, b: string): number {
  const number = (name: string): number => (/^\d+/.test(name) ? Number.parseInt(name, 10) : Number.MAX_SAFE_INTEGER);
  return number(a) - number(b) || (a < b ? -1 : 1);
}

/** The visible names in a folder of numbered folders, by number. */
export async function numberedNames(folder: string): Promise<string[]> {
  return (await readdirIfExists(folder)).filter((name) => !name.startsWith('.')).sort(byRoundNumber);
}

/** One more than the highest number of these names, at least `first`. */
export function nextNumber(names: readonly string[], first = 1): number {
  const numbers = names.map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
  return Math.max(first - 1, ...numbers) + 1;
}

/** Creates the folder `<number>-<name>` with the next free number. @returns its name. @throws StoreError `symbolic-link` */
export async function createNumbered(root: string, parent: string, name: string): Promise<string> {
  await refuseLinks(root, parent);
  await mkdir(parent, { recursive: true });
  for (let number = nextNumber(await readdir(parent)); ; number++) {
    try {
      await mkdir(join(parent, `${number}-${name}`));
      return `${number}-${name}`;
    } catch (error) {
      // Another process has just created it.
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/**
 * Creates a folder with its content atomically.
 * @param what for the error, such as “Run “x””.
 * @param write fills the folder at a temporary path.
 * @throws StoreError `symbolic-link`, or `round-exists` when the name is taken.
 */
export async function createWhole(
  root: string,
  folder: string,
  what: string,
  write: (draft: string) => Promise<void>,
): Promise<void> {
  await refuseLinks(root, dirname(folder));
  await mkdir(dirname(folder), { recursive: true });
  const draft = temporaryPath(folder);
  try {
    await write(draft);
    await rename(draft, folder);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    throw new StoreError('round-exists', `${what} already exists.`, 'Start it again.');
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
