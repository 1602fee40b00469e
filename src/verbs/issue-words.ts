import type { z } from 'zod';
import type { VerbName } from '../protocol/verbs.ts';
import { type Flag, SHAPES } from './shapes.ts';
import { wantedAt } from './wanted.ts';

type Issue = z.core.$ZodIssue;

/** How the validator begins what it says of itself; what a schema says in our own words begins otherwise. */
const OF_ITS_OWN = /^(?:Invalid|Too (?:small|big)|Unrecognized)/;

/** What is wrong with an argument of a verb, by the name of its flag, and what it may be. @param given all arguments. */
export function issueInWords(verb: VerbName, issue: Issue, given: unknown): string {
  const { path, message } = issue;
  const name = nameOf(verb, path);
  const own = ownMessages(issue)[0] ?? (OF_ITS_OWN.test(message) ? undefined : message);
  if (own !== undefined) return `${name}: ${own}`;
  if (issue.code === 'unrecognized_keys') return `${name}: nobody knows ${issue.keys.join(', ')}`;
  const value = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], given);
  if (value === undefined) return `${name} is missing`;
  if (value === '') return `${name} must not be empty`;
  return mustBe(name, wantedAt(verb, path), value);
}

/** What a flag wants that was given something else. */
export function flagMustBe(verb: VerbName, name: string, flag: Flag, value: string): string {
  return mustBe(`--${name}`, wantedAt(verb, flag.into.split('.')), value);
}

function mustBe(name: string, wanted: string | undefined, value: unknown): string {
  const shown = typeof value === 'string' ? `“${value}”` : typeof value === 'object' ? undefined : String(value);
  const instead = shown === undefined ? '' : `, not ${shown}`;
  return wanted === undefined ? `${name} can’t be ${shown ?? 'what it is'}` : `${name} must be ${wanted}${instead}`;
}

/** Of a value that may be one thing or another, what a schema says in our words of either. */
function ownMessages(issue: Issue): string[] {
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((inner) => (OF_ITS_OWN.test(inner.message) ? [] : [inner.message]));
}

/** The flag that holds what is at this path, with what follows it there: `--set minLength`. */
function nameOf(verb: VerbName, path: readonly PropertyKey[]): string {
  const written = path.join('.');
  const flags = Object.entries(SHAPES[verb].flags)
    .filter(([, { into }]) => written === into || written.startsWith(`${into}.`))
    .sort(([, a], [, b]) => b.into.length - a.into.length);
  const [found] = flags;
  if (found === undefined) return written === '' ? 'arguments' : positionalName(verb, written);
  const rest = written.slice(found[1].into.length + 1).replace(/^\d+$/, '');
  return `--${found[0]}${rest === '' ? '' : ` ${rest}`}`;
}

/** How the help calls an argument that is no flag. */
export function positionalName(verb: VerbName, path: string): string {
  return SHAPES[verb].called?.[path] ?? path.toUpperCase();
}
