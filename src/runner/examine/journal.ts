import { rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ExaminedBatch, emptyBatch, numericColumns } from '../../core/examine/examined.ts';
import type { RowFinding } from '../../core/examine/finding.ts';
import { FINDINGS_FILE } from '../../store/examination.ts';
import { appendLines, readLines } from '../../store/lines/files.ts';
import { openMakingFolder } from '../../system/atomic-write.ts';

const JOURNAL = 'journal.jsonl';
const UNFINISHED = 'findings.unfinished.jsonl';

const Header = z.object({ version: z.literal(1), of: z.string() });
const BatchLine = z.object({
  rows: z.number().int().nonnegative(),
  /** Bytes of the findings of this and all earlier batches. */
  findings: z.number().int().nonnegative(),
  ids: z.array(z.string()),
  answers: z.array(z.string()),
  golds: z.array(z.string()),
  /** The numeric columns, one after the other, in Base64. */
  columns: z.string(),
});
type BatchLine = z.infer<typeof BatchLine>;

/** What a killed examination has done: a line for each batch, and the findings of these. */
export class ExaminationJournal {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens the journal of a folder. One of another source, or with other settings, is discarded.
   * @param of Identifies source and settings.
   * @param onBatch Receives the batches that are done, in order.
   */
  static async open(folder: string, of: string, onBatch: (batch: ExaminedBatch) => void): Promise<ExaminationJournal> {
    const journal = new ExaminationJournal(folder);
    const findings = await journal.#read(of, onBatch);
    if (findings === undefined) {
      await rm(journal.#path(JOURNAL), { force: true });
      await rm(journal.#path(UNFINISHED), { force: true });
      await appendLines(journal.#path(JOURNAL), [{ version: 1, of } satisfies z.infer<typeof Header>]);
    } else if ((await sizeOf(journal.#path(UNFINISHED))) > findings) {
      await truncate(journal.#path(UNFINISHED), findings);
    }
    return journal;
  }

  /** Appends a batch after its findings. */
  async add(batch: ExaminedBatch): Promise<void> {
    await this.addFindings(batch.findings);
    const { ids, answers, golds } = batch;
    const findings = await sizeOf(this.#path(UNFINISHED));
    const columns = Buffer.concat(columnsOf(batch)).toString('base64');
    const line: BatchLine = { rows: batch.lines.length, findings, ids, answers, golds, columns };
    await appendLines(this.#path(JOURNAL), [line]);
  }

  /** Appends findings about several rows, which a resumed examination makes again. */
  async addFindings(findings: readonly RowFinding[]): Promise<void> {
    await appendLines(this.#path(UNFINISHED), findings);
  }

  /** The path of the findings so far. */
  get findings(): string {
    return this.#path(UNFINISHED);
  }

  /** Gives the findings their name. */
  async finish(): Promise<void> {
    // No finding, no file yet.
    await (await openMakingFolder(this.#path(UNFINISHED), 'a')).close();
    await rename(this.#path(UNFINISHED), join(this.#folder, FINDINGS_FILE));
  }

  /** Deletes the journal, when the report is written. */
  async remove(): Promise<void> {
    await rm(this.#path(JOURNAL), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /** Bytes of the findings that belong to the batches; undefined without a journal of this examination. */
  async #read(of: string, onBatch: (batch: ExaminedBatch) => void): Promise<number | undefined> {
    if ((await sizeOf(this.#path(JOURNAL))) === 0) return undefined;
    const written = await sizeOf(this.#path(UNFINISHED));
    let findings: number | undefined;
    for await (const read of readLines(this.#path(JOURNAL))) {
      if (findings === undefined) {
        const header = 'error' in read ? undefined : Header.safeParse(read.value).data;
        if (header?.of !== of) return undefined;
        findings = 0;
        continue;
      }
      const line = 'error' in read ? undefined : BatchLine.safeParse(read.value).data;
      const batch = line && batchOf(line);
      // Everything after a damaged line is examined again.
      if (!line || !batch || line.findings > written) {
        await truncate(this.#path(JOURNAL), read.offset);
        break;
      }
      findings = line.findings;
      onBatch(batch);
    }
    return findings;
  }
}

function columnsOf(batch: ExaminedBatch): Uint8Array[] {
  return numericColumns(batch).map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

/** Undefined where the columns have another length. */
function batchOf({ rows, ids, answers, golds, columns }: BatchLine): ExaminedBatch | undefined {
  if (ids.length !== rows) return undefined;
  const batch = { ...emptyBatch(rows), ids, answers, golds };
  const bytes = Buffer.from(columns, 'base64');
  let from = 0;
  for (const column of columnsOf(batch)) {
    column.set(bytes.subarray(from, from + column.length));
    from += column.length;
  }
  return from === bytes.length ? batch : undefined;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
