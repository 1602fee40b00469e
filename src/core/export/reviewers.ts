import { compare } from '../text/compare.ts';

/** The member that names a reviewer, in rows, reviews and manifest. */
const MEMBER = 'reviewer';

/** A copy of a JSON value in which every reviewer has another name. */
export function renameReviewers(value: unknown, nameOf: (reviewer: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renameReviewers(one, nameOf));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const isName = key === MEMBER && typeof member === 'string';
    return [key, isName ? nameOf(member) : renameReviewers(member, nameOf)];
  });
  return Object.fromEntries(members);
}

/** A row without what reviewers wrote beside the text: the reasons of their overrides, and their tags. The same object where it has none. */
export function withoutReviewTexts(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || !('overrides' in row) || !Array.isArray(row.overrides)) return row;
  const { overrides, tags } = row as { overrides: unknown[]; tags?: unknown };
  if (overrides.length === 0 && !(Array.isArray(tags) && tags.length > 0)) return row;
  return { ...row, overrides: overrides.map((one) => ({ ...(one as object), reason: '' })), tags: [] };
}

/** `reviewer-1`, `reviewer-2` … for the names, in their order. */
export function pseudonyms(names: Iterable<string>): ReadonlyMap<string, string> {
  const sorted = [...new Set(names)].sort(compare);
  return new Map(sorted.map((name, at) => [name, `reviewer-${at + 1}`]));
}
