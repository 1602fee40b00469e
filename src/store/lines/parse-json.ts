import { plural } from '../../core/text/format.ts';

/** The part of a zod schema that reading needs. */
export interface Parser<T> {
  safeParse(value: unknown): { data?: T; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** Most levels of lists and objects; ordinary files have about ten. */
const DEEPEST = 500;

/**
 * As `JSON.parse`, with a limit on nesting for text from others, since deep nesting would overflow the stack of recursive readers.
 * @throws SyntaxError for invalid JSON and for more than 500 levels.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isTooDeep(value))
    throw new SyntaxError(`lists and objects are nested more than ${plural(DEEPEST, 'level')} deep`);
  return value;
}

function isTooDeep(value: unknown): boolean {
  let level: object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    const below: object[] = [];
    for (const one of level) for (const member of Object.values(one)) if (isNested(member)) below.push(member);
    level = below;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
