import { chatRow } from '../core/export/forms/index.ts';
import { PrefixRow } from '../core/training/rows.ts';
import { readLines } from '../store/lines/files.ts';
import { AtomicWriter } from '../system/atomic-write.ts';
import type { Trainer } from './trainer.ts';

/** Bytes collected before a write. */
const CHUNK = 256 * 1024;

/** Writes the rows of an export in the form of a trainer, which may skip some. @throws as `row` */
export async function writeRows(from: string, to: string, row: NonNullable<Trainer['row']>): Promise<void> {
  const writer = await AtomicWriter.create(to);
  try {
    let text = '';
    for await (const line of readLines(from)) {
      if ('error' in line) throw new Error(`Line ${line.line} of ${from}: ${line.error}.`);
      const made = row(line.value);
      if (made === undefined) continue;
      text += `${JSON.stringify(made)}\n`;
      if (text.length < CHUNK) continue;
      await writer.write(text);
      text = '';
    }
    await writer.write(text);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** A row of `train.prefix.jsonl` as two messages, with masked text at the end of the question. */
export function prefixAsMessages(row: unknown): ReturnType<typeof chatRow> {
  return chatRow(PrefixRow.parse(row));
}
