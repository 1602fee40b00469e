import { plural } from '../../core/text/format.ts';

/** The part of a zod schema that reading needs. */
export interface Parser<T> {
  safeParse(value: unknown): { data?: T; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** Most levels of lists and objects; ordinary files have about ten. */
const DEEPEST = 500;

/** Why a text has no value for nesting that is too deep. */
export const TOO_DEEP = `lists and objects are nested more than ${plural(DEEPEST, 'level')} deep`;

/**
 * As `JSON.parse`, with a limit on nesting for text from others, since deep nesting would overflow the stack of recursive readers.
 * @throws SyntaxError for invalid JSON and for more than 500 levels.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isTooDeep(value)) throw new SyntaxError(TOO_DEEP);
  return value;
}

/** @param left Levels that it may have. */
export function isTooDeep(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  // Plain loops without calls for texts and numbers, since every line of a dataset is checked.
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (typeof value[i] === 'object' && isTooDeep(value[i], left - 1)) return true;
    return false;
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === 'object' && isTooDeep(member, left - 1)) return true;
  }
  return false;
}
