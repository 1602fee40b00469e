import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from './errors.ts';

/** Names that Windows keeps for devices, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const LONGEST = 60;

/**
 * A file name for what a person called something: letters, digits, `.`, `_`, `-`, `@` and `+` stay, runs of others become one
 * `-`. Where that loses something, a piece of the name's hash keeps two names apart.
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

/** A name for a round, a file or an export out of free words: lower case, at most 40 characters, never empty. */
export function slug(words: string, fallback: string): string {
  const plain = words
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return plain === '' || DEVICE.test(plain) ? fallback : plain;
}

/** Throws StoreError `bad-name` unless `name` is a plain visible name in its folder: it may come from a command line or a stranger's file. */
export function plainName(name: string, what: string): string {
  if (/^[^/\\:\0]+$/.test(name) && !name.startsWith('.')) return name;
  throw new StoreError(
    'bad-name',
    `“${name}” is no name of ${what}.`,
    'Give one name without slashes that does not begin with a dot.',
  );
}

/** `name` with `ending`, or with `-2`, `-3` … before it when the folder has such a file already. */
export async function freeName(folder: string, name: string, ending: string): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = `${name}${n === 1 ? '' : `-${n}`}${ending}`;
    if (!(await lstat(join(folder, candidate)).catch(() => undefined))) return candidate;
  }
}
