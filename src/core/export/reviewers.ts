import { compare } from './select.ts';

/** `reviewer-1`, `reviewer-2` … for the names, in their order. */
export function pseudonyms(names: Iterable<string>): ReadonlyMap<string, string> {
  const sorted = [...new Set(names)].sort(compare);
  return new Map(sorted.map((name, at) => [name, `reviewer-${at + 1}`]));
}
