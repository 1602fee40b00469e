import type { FindingId } from '../kinds.ts';
import { excerptAt, type ReadRow, type RowRule } from '../row.ts';
import { type Form, firstSensitive, KEYS, PERSONAL } from '../sensitive.ts';

export const secret = ruleOf('secret', KEYS);
export const personalData = ruleOf('personal-data', PERSONAL);

function ruleOf(finding: FindingId, forms: readonly Form[]): RowRule {
  return {
    finding,
    find: (row) => {
      for (const text of textsOf(row)) {
        const found = partIn(text, forms);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** The first key and the first personal data in a text, which are hidden in the excerpts. */
export function sensitiveParts(text: string): { reason: string; excerpt: string }[] {
  return [partIn(text, KEYS), partIn(text, PERSONAL)].filter((part) => part !== undefined);
}

function partIn(text: string, forms: readonly Form[]): { reason: string; excerpt: string } | undefined {
  const found = firstSensitive(text, forms);
  if (found === undefined) return undefined;
  return { reason: `The text contains ${found.what}.`, excerpt: excerptAt(text, found.start, found.end) };
}

function textsOf({ problem, reply }: ReadRow): string[] {
  return [problem ?? '', reply?.written ?? ''].filter((text) => text !== '');
}
