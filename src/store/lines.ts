import { errorCode, readLines } from './files.ts';
import type { Parser } from './settings.ts';

/** The lines of a JSONL file through a schema; those that cannot be read are passed over, and an absent file has none. */
export async function* linesOf<T>(path: string, schema: Parser<T>): AsyncGenerator<T> {
  try {
    for await (const line of readLines(path)) {
      const data = 'error' in line ? undefined : schema.safeParse(line.value).data;
      if (data !== undefined) yield data;
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
