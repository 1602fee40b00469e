import { formatValue } from '../../src/core/query/query.ts';
import type { TableField } from '../../src/protocol/chains.ts';

/** A text that can replace `[from, to)` of the query. */
interface Completion {
  text: string;
  about: string;
}

export interface Completions {
  from: number;
  to: number;
  options: Completion[];
}

/** Most options of a list. */
const MOST = 12;

/** The part of a clause before the cursor: a field, an operator, and the values so far; the last value may be in quotes. */
const VALUE =
  /(?:^|[\s,])(?<field>\p{L}+)\s*(?:!=|=)\s*(?:(?:"(?:[^"\\]|\\.)*"|[^\s,"=<>~]+)\s*,\s*)*(?<typed>"(?:[^"\\]|\\.)*|[^\s,"=<>~]*)$/u;
const WORD = /(?:^|\s)(?<typed>\p{L}*)$/u;

/** What may be written at the cursor: values of a field after `=`, else fields that begin as typed. */
export function completionsAt(text: string, cursor: number, fields: readonly TableField[]): Completions {
  const before = text.slice(0, cursor);
  const value = VALUE.exec(before)?.groups;
  const named = fields.find(({ name }) => name.toLowerCase() === value?.field?.toLowerCase());
  if (value?.typed !== undefined && named !== undefined) {
    const typed = value.typed
      .replace(/^"/, '')
      .replace(/\\(["\\])/g, '$1')
      .toLowerCase();
    const options = matching(named.values, typed, String).map((one) => ({ text: formatValue(one), about: '' }));
    return { from: cursor - value.typed.length, to: cursor, options };
  }
  const typed = WORD.exec(before)?.groups?.typed;
  if (typed === undefined || typed === '') return { from: cursor, to: cursor, options: [] };
  const options = matching(fields, typed.toLowerCase(), ({ name }) => name).map(({ name, about }) => ({
    text: name,
    about,
  }));
  return { from: cursor - typed.length, to: cursor, options };
}

/** Those that begin as typed first, then those that contain it. What is typed in full is not offered. */
function matching<T>(all: readonly T[], typed: string, nameOf: (one: T) => string): T[] {
  const name = (one: T): string => nameOf(one).toLowerCase();
  const found = all.filter((one) => name(one).includes(typed) && name(one) !== typed);
  const starts = found.filter((one) => name(one).startsWith(typed));
  return [...starts, ...found.filter((one) => !starts.includes(one))].slice(0, MOST);
}
