// Readers of files that Longhand's verbs write.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** The rows of a file of JSON Lines. @throws Error for an invalid row. */
export function readRows<T>(file: string, schema: z.ZodType<T>): T[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => schema.parse(JSON.parse(line)));
}

/** Whether a round or a comparison, `<n>-<name>`, has this name. */
export function isNamed(folder: string, name: string): boolean {
  return folder.replace(/^\d+-/, '') === name;
}
