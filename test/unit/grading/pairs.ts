import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** One row of a table in pairs/: `gold ≡ prediction` (equal) or `gold ≢ prediction` (different). */
export interface PairRow {
  readonly table: string;
  readonly line: number;
  readonly gold: string;
  readonly prediction: string;
  readonly equal: boolean;
}

/** Reads pairs/<table>.txt. Empty lines and lines that begin with `#` and a space are skipped. ⏎ is a line break. */
export function pairsOf(table: string): PairRow[] {
  const text = readFileSync(resolve(import.meta.dirname, `pairs/${table}.txt`), 'utf8');
  return text.split('\n').flatMap((content, i) => {
    if (content.trim() === '' || /^##? /.test(content)) return [];
    const match = /^(.*?) ([≡≢]) (.*)$/.exec(content);
    if (match === null) throw new Error(`${table}.txt:${i + 1} holds neither ≡ nor ≢.`);
    const [, gold = '', sign, prediction = ''] = match;
    return [{ table, line: i + 1, gold, prediction: prediction.replaceAll('⏎', '\n'), equal: sign === '≡' }];
  });
}
