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

/** The chains of a query in their order. A row is made when it is asked for, since a dataset may have a million. */
export class FoundChains {
  readonly #chains: ChainTable;
  readonly #positions: Uint32Array;
  /** By position, 1 + the row; 0 for a chain that is not listed. */
  #rowOf: Uint32Array | undefined;

  constructor(chains: ChainTable, positions: Uint32Array) {
    this.#chains = chains;
    this.#positions = positions;
  }

  get length(): number {
    return this.#positions.length;
  }

  /** The id in a row from 0; undefined for another row. */
  at(row: number): string | undefined {
    const position = this.#positions[row];
    return position === undefined ? undefined : this.#chains.rows.value(position, 'id');
  }

  /** The row of a chain; -1 where it is not listed. */
  indexOf(id: string): number {
    this.#rowOf ??= this.#rowsByPosition();
    return (this.#rowOf[this.#chains.find(id)] ?? 0) - 1;
  }

  /** Those that are wanted. @param isWanted Of the chain at a position of the index. */
  where(isWanted: (position: number) => boolean): FoundChains {
    const positions = new Uint32Array(this.#positions.length);
    const size = this.#collect(isWanted, positions, 0);
    return size === positions.length ? this : new FoundChains(this.#chains, positions.slice(0, size));
  }

  /** The same chains, the wanted ones first. */
  first(isWanted: (position: number) => boolean): FoundChains {
    const positions = new Uint32Array(this.#positions.length);
    const size = this.#collect(isWanted, positions, 0);
    if (size === positions.length) return this;
    this.#collect((position) => !isWanted(position), positions, size);
    return new FoundChains(this.#chains, positions);
  }

  /** Whether it is the same list. */
  equals(other: FoundChains): boolean {
    if (other.#chains !== this.#chains || other.length !== this.length) return false;
    return this.#positions.every((position, row) => position === other.#positions[row]);
  }

  /** Their ids. `isKept`: whether the chain at a position of the index is wanted; all are when absent. */
  ids(isKept: (position: number) => boolean = () => true): string[] {
    const { ids } = this.#chains;
    const found: string[] = [];
    for (const position of this.#positions) if (isKept(position)) found.push(ids[position] ?? '');
    return found;
  }

  slice(start: number, end: number): ChainEntry[] {
    return Array.from(this.#positions.subarray(start, end), (position) => this.#chains.at(position));
  }

  map<T>(of: (chain: ChainEntry) => T): T[] {
    return Array.from(this, of);
  }

  *[Symbol.iterator](): Generator<ChainEntry> {
    for (const position of this.#positions) yield this.#chains.at(position);
  }

  /** Writes those that are wanted to `into`, from `size` on. @returns the size then */
  #collect(isWanted: (position: number) => boolean, into: Uint32Array, size: number): number {
    let end = size;
    // A loop over numbers: `filter` of a typed array, and `for of`, take several times as long.
    for (let row = 0; row < this.#positions.length; row++) {
      const position = this.#positions[row] ?? 0;
      if (isWanted(position)) into[end++] = position;
    }
    return end;
  }

  #rowsByPosition(): Uint32Array {
    const rows = new Uint32Array(this.#chains.size);
    for (let row = 0; row < this.#positions.length; row++) rows[this.#positions[row] ?? 0] = row + 1;
    return rows;
  }
}

/** The chains of a dataset with their judgements and the quotas of their rounds. */
export class ChainTable {
  readonly rows: Table<ChainRow>;
  /** By position, 1 for chains that only the quota filtered out. */
  readonly overQuota: Uint8Array;
  readonly #judgements: readonly Segment<JudgementRow>[];
  /** By position: 1 + the number of the judgement over all segments; 0 for none. */
  readonly #judged: Uint32Array;
  #ids: readonly string[] | undefined;

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

  /** The ids by position. */
  get ids(): readonly string[] {
    this.#ids ??= Array.from({ length: this.size }, (_, position) => this.rows.value(position, 'id'));
    return this.#ids;
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
    const judged = new Uint8Array(this.size);
    for (let position = 0; position < this.#judged.length; position++) if (this.#judged[position]) judged[position] = 1;
    return judged;
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
