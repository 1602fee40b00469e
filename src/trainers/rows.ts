import { AtomicWriter, readLines } from '../store/files.ts';
import type { Trainer } from './trainer.ts';

/** Bytes that are gathered before they are written. */
const CHUNK = 256 * 1024;

/** Writes every row of an export in the form of a trainer; those that it leaves out are not written. @throws what `row` throws. */
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
