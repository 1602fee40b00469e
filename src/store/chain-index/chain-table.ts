import type { ChainRow, JudgementRow } from './rows.ts';
import type { Segment } from './segment.ts';
import { Table } from './table.ts';

/** A chain in the index. */
export interface ChainEntry extends ChainRow {
  /** It passed the filters and was filtered out by the quota of its round. */
  quotaDropped: boolean;
  /** The last judgement of this text; `behaviours` then include it. */
  judgement?: JudgementRow;
}

/** The chains of a dataset with their judgements and the quotas of their rounds. */
export class ChainTable {
  readonly rows: Table<ChainRow>;
  /** By position, 1 for chains that only the quota filtered out. */
  readonly overQuota: Uint8Array;
  readonly #judgements: readonly Segment<JudgementRow>[];
  /** By position: 1 + the number of the judgement over all segments; 0 for none. */
  readonly #judged: Uint32Array;

  /** `overQuota`: ids of each round. */
  constructor(
    chains: readonly Segment<ChainRow>[],
    judgements: readonly Segment<JudgementRow>[],
    overQuota: Iterable<readonly [round: string, ids: ReadonlySet<string>]>,
  ) {
    this.rows = new Table(chains, 'id');
    this.#judgements = judgements;
    this.overQuota = new Uint8Array(this.rows.size);
    this.#judged = new Uint32Array(judgements.length === 0 ? 0 : this.rows.size);
    for (const [round, ids] of overQuota) {
      for (const id of ids) {
        const at = this.rows.find(id);
        if (at >= 0 && this.rows.value(at, 'round') === round && this.rows.value(at, 'passed')) this.overQuota[at] = 1;
      }
    }
    this.#layJudgements();
  }

  get size(): number {
    return this.rows.size;
  }

  find(id: string): number {
    return this.rows.find(id);
  }

  /** @param position below `size`. */
  at(position: number): ChainEntry {
    const row = this.rows.at(position);
    const judgement = this.judgement(position);
    const quotaDropped = this.isOverQuota(position);
    return judgement ? { ...row, quotaDropped, behaviours: judgement.behaviours, judgement } : { ...row, quotaDropped };
  }

  isOverQuota(position: number): boolean {
    return this.overQuota[position] === 1;
  }

  /** By position, 1 for chains with a judgement. */
  get judged(): Uint8Array {
    return Uint8Array.from(this.#judged, (number) => Number(number > 0));
  }

  judgement(position: number): JudgementRow | undefined {
    let at = (this.#judged[position] ?? 0) - 1;
    if (at < 0) return undefined;
    for (const segment of this.#judgements) {
      if (at < segment.length) return segment.row(at);
      at -= segment.length;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<ChainEntry> {
    for (let position = 0; position < this.size; position++) yield this.at(position);
  }

  #layJudgements(): void {
    let number = 0;
    for (const segment of this.#judgements) {
      const [ids, texts] = [segment.column('chainId'), segment.column('text')];
      for (let row = 0; row < segment.length; row++) {
        number++;
        const at = this.rows.find(String(ids.at(row)));
        if (at >= 0 && this.rows.value(at, 'hash') === texts.at(row)) this.#judged[at] = number;
      }
    }
  }
}
