import { type ExaminedBatch, FLAG, OUTCOMES } from './examined.ts';
import { lineId } from './finding.ts';
import { bitOf, type FindingId } from './kinds.ts';
import { PLACES } from './minhash.ts';
import type { Signatures } from './near-duplicates.ts';
import { hashOf } from './words.ts';

/** The columns of a batch. Texts are one text of JSON each, since a million short strings take ten times their length. */
interface Columns extends Omit<ExaminedBatch, 'ids' | 'answers' | 'golds' | 'findings'> {
  /** Empty where the ids are made of the lines. */
  readonly ids: Texts;
  readonly answers: Texts;
  readonly golds: Texts;
  /** Hashes of the answers, and of the gold answers; 0 is none. */
  readonly answerHashes: Float64Array;
  readonly goldHashes: Float64Array;
}

/** The columns of all examined rows: about 150 bytes a row, and their ids and answers. All batches but the last have the same length. */
export class RowTable {
  readonly #batches: Columns[] = [];
  readonly #size: number;
  length = 0;

  /** @param size Rows of a batch. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Adds a batch. Its findings are not kept. */
  add({ ids, answers, golds, findings: _, ...columns }: ExaminedBatch): void {
    this.length += columns.lines.length;
    // Ids that are made of the line are made again.
    const isMade = ids.every((id, i) => id === lineId(columns.lines[i] ?? 0));
    this.#batches.push({
      ...columns,
      ids: new Texts(isMade ? [] : ids),
      answers: new Texts(answers),
      golds: new Texts(golds),
      answerHashes: Float64Array.from(answers, hashOf),
      goldHashes: Float64Array.from(golds, hashOf),
    });
  }

  id(row: number): string {
    const [batch, at] = this.#place(row);
    return batch.ids.at(at) ?? lineId(batch.lines[at] ?? 0);
  }

  line(row: number): number | undefined {
    const [batch, at] = this.#place(row);
    return batch.lines[at] || undefined;
  }

  has(row: number, flag: number): boolean {
    const [batch, at] = this.#place(row);
    return ((batch.flags[at] ?? 0) & flag) !== 0;
  }

  outcome(row: number): (typeof OUTCOMES)[number] {
    const [batch, at] = this.#place(row);
    return OUTCOMES[batch.outcomes[at] ?? 0];
  }

  tokens(row: number): number {
    const [batch, at] = this.#place(row);
    return batch.tokens[at] ?? 0;
  }

  /** Hash of the normalised problem; 0 without one. */
  problem(row: number): number {
    const [batch, at] = this.#place(row);
    return batch.problems[at] ?? 0;
  }

  reply(row: number): number {
    const [batch, at] = this.#place(row);
    return batch.replies[at] ?? 0;
  }

  /** Hash of the normalised final answer; 0 without one. */
  answer(row: number): number {
    const [batch, at] = this.#place(row);
    return batch.answerHashes[at] ?? 0;
  }

  gold(row: number): number {
    const [batch, at] = this.#place(row);
    return batch.goldHashes[at] ?? 0;
  }

  answerText(row: number): string {
    const [batch, at] = this.#place(row);
    return batch.answers.at(at) ?? '';
  }

  goldText(row: number): string {
    const [batch, at] = this.#place(row);
    return batch.golds.at(at) ?? '';
  }

  isFound(row: number, finding: FindingId): boolean {
    const [batch, at] = this.#place(row);
    return ((batch.bits[at] ?? 0) & bitOf(finding)) !== 0;
  }

  found(row: number, finding: FindingId): void {
    const [batch, at] = this.#place(row);
    batch.bits[at] = (batch.bits[at] ?? 0) | bitOf(finding);
  }

  /** Signatures by row, of the problems or the replies. */
  signatures(of: 'problem' | 'reply'): Signatures {
    const offset = of === 'problem' ? 0 : PLACES;
    const at = (row: number): { values: Uint8Array; from: number } => {
      const [batch, place] = this.#place(row);
      return { values: batch.signatures, from: place * 2 * PLACES + offset };
    };
    return { length: this.length, at };
  }

  #place(row: number): [Columns, number] {
    const batch = this.#batches[Math.floor(row / this.#size)];
    if (batch === undefined) throw new RangeError(`there is no row ${row}`);
    return [batch, row % this.#size];
  }
}

/** Short texts in one. The last batch that was read is kept parsed. */
class Texts {
  static #last: { of: Texts; texts: readonly string[] } | undefined;
  readonly #json: string;

  constructor(texts: readonly string[]) {
    this.#json = JSON.stringify(texts);
  }

  at(index: number): string | undefined {
    if (Texts.#last?.of !== this) Texts.#last = { of: this, texts: JSON.parse(this.#json) as string[] };
    return Texts.#last.texts[index];
  }
}

/** The rows with a reply. */
export function* repliesOf(table: RowTable): Generator<number> {
  for (let row = 0; row < table.length; row += 1) if (table.has(row, FLAG.reply)) yield row;
}
