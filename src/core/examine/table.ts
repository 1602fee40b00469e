import { type ExaminedBatch, FLAG, OUTCOMES } from './examined.ts';
import { bitOf, type FindingId } from './finding.ts';
import { PLACES } from './minhash.ts';
import type { Signatures } from './near-duplicates.ts';

/** The columns of all examined rows: about 320 bytes a row. All batches but the last have the same length. */
export class RowTable {
  readonly #batches: ExaminedBatch[] = [];
  readonly #size: number;
  /** Answers and gold answers by number; 0 is none. */
  readonly #texts: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);
  readonly #answers: Uint32Array[] = [];
  readonly #golds: Uint32Array[] = [];
  length = 0;

  /** @param size Rows of a batch. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Adds a batch. Its texts and findings are not kept. */
  add(batch: ExaminedBatch): void {
    this.#answers.push(this.#numbersOf(batch.answers));
    this.#golds.push(this.#numbersOf(batch.golds));
    this.length += batch.lines.length;
    // Ids that are made of the line are made again.
    const ids = batch.ids.every((id, i) => id === lineId(batch.lines[i] ?? 0)) ? [] : batch.ids;
    this.#batches.push({ ...batch, ids, answers: [], golds: [], findings: [] });
  }

  id(row: number): string {
    const [batch, at] = this.#place(row);
    return batch.ids[at] ?? lineId(this.line(row) ?? 0);
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

  /** Number of the normalised final answer; 0 without one. */
  answer(row: number): number {
    return this.#answers[Math.floor(row / this.#size)]?.[row % this.#size] ?? 0;
  }

  gold(row: number): number {
    return this.#golds[Math.floor(row / this.#size)]?.[row % this.#size] ?? 0;
  }

  /** The text of an answer or gold answer by its number. */
  text(number: number): string {
    return this.#texts[number] ?? '';
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
    const at = (row: number): { values: Uint16Array; from: number } => {
      const [batch, place] = this.#place(row);
      return { values: batch.signatures, from: place * 2 * PLACES + offset };
    };
    return { length: this.length, at };
  }

  #place(row: number): [ExaminedBatch, number] {
    const batch = this.#batches[Math.floor(row / this.#size)];
    if (batch === undefined) throw new RangeError(`there is no row ${row}`);
    return [batch, row % this.#size];
  }

  #numbersOf(texts: readonly string[]): Uint32Array {
    return Uint32Array.from(texts, (text) => {
      const known = this.#numbers.get(text);
      if (known !== undefined) return known;
      this.#numbers.set(text, this.#texts.length);
      return this.#texts.push(text) - 1;
    });
  }
}

/** The id of a row that has none. */
export const lineId = (line: number): string => `line-${line}`;

/** The rows with a reply. */
export function* repliesOf(table: RowTable): Generator<number> {
  for (let row = 0; row < table.length; row += 1) if (table.has(row, FLAG.reply)) yield row;
}
