import { type CodedColumn, type NumberColumn, TextColumn } from './columns.ts';
import type { Place, Segment } from './segment.ts';
import { textRanks } from './text-ranks.ts';
import { Lookup, Texts } from './texts.ts';

/**
 * Rows of several segments in order. Of those with the same key only the last counts, at the position of the first. Positions begin at 0 and are
 * valid until the segments change.
 */
export class Table<Row extends Place> {
  readonly size: number;
  readonly #segments: readonly Segment<Row>[];
  readonly #keys: readonly Texts[];
  /** By position: number of the segment, and of the row in it. */
  readonly #segmentOf: Uint32Array;
  readonly #rowOf: Uint32Array;
  readonly #lookup: Lookup;
  readonly #wanted = new Texts();

  constructor(segments: readonly Segment<Row>[], key: keyof Row) {
    const rows = segments.reduce((sum, { length }) => sum + length, 0);
    this.#segments = segments;
    this.#keys = segments.map((segment) => textsOf(segment, key));
    this.#segmentOf = new Uint32Array(rows);
    this.#rowOf = new Uint32Array(rows);
    this.#lookup = new Lookup(rows);
    let size = 0;
    segments.forEach(({ length }, s) => {
      for (let row = 0; row < length; row++) if (this.#put(s, row, size) === size) size++;
    });
    this.size = size;
  }

  /** @param position below `size`. */
  at(position: number): Row {
    return this.#segment(position).row(this.#rowOf[position] ?? 0);
  }

  /** One member of the row at a position. */
  value<Member extends keyof Row>(position: number, member: Member): Row[Member] {
    return this.#segment(position)
      .column(member)
      .at(this.#rowOf[position] ?? 0) as Row[Member];
  }

  /** Where the line of the row at a position is. */
  place(position: number): Place {
    const { file } = this.#segment(position);
    return { file, offset: this.value(position, 'offset'), length: this.value(position, 'length') };
  }

  /** The position of a key; -1 when it is absent. */
  find(key: string): number {
    const wanted = this.#wanted;
    const end = wanted.write(key);
    return this.#lookup.find(wanted.hash(0, end), (position) =>
      wanted.equals(0, this.#keysAt(position), this.#rowOf[position] ?? 0, end),
    );
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let position = 0; position < this.size; position++) yield this.at(position);
  }

  /**
   * A number for each position, made of the value of a coded member.
   * @param of is called once for each value in a segment
   */
  map<Member extends keyof Row>(member: Member, of: (value: Row[Member]) => number): Float64Array {
    return this.#mapInto(new Float64Array(this.size), member, of);
  }

  /** By position, 1 for the rows in which a coded member has one of the values. */
  where<Member extends keyof Row>(member: Member, values: ReadonlySet<Row[Member]>): Uint8Array {
    const columns = this.#columns<CodedColumn<Row[Member]>>(member);
    const wanted = columns.map((column) => {
      const isWanted = new Float64Array(column.size);
      for (const value of values) {
        const code = column.find(value);
        if (code >= 0) isWanted[code] = 1;
      }
      return isWanted;
    });
    return this.#gather(new Uint8Array(this.size), wanted, columns);
  }

  /** A coded member of all rows: a code for each position, and the value of each code. */
  codes<Member extends keyof Row>(member: Member): { codes: Uint32Array; values: Row[Member][] } {
    const values: Row[Member][] = [];
    const known = new Map<unknown, number>();
    const codes = this.#mapInto(new Uint32Array(this.size), member, (value) => {
      const key = typeof value === 'object' ? JSON.stringify(value) : value;
      const code = known.get(key) ?? values.push(value) - 1;
      known.set(key, code);
      return code;
    });
    return { codes, values };
  }

  /** A number of each row. */
  numbers(member: keyof Row): Float64Array {
    const columns = this.#columns<NumberColumn>(member).map((column) => column.numbers);
    const numbers = new Float64Array(this.size);
    for (let position = 0; position < this.size; position++)
      numbers[position] = columns[this.#segmentOf[position] ?? 0]?.[this.#rowOf[position] ?? 0] ?? 0;
    return numbers;
  }

  #columns<Kind>(member: keyof Row): Kind[] {
    return this.#segments.map((segment) => segment.column(member) as Kind);
  }

  #mapInto<Numbers extends Float64Array | Uint32Array, Member extends keyof Row>(
    into: Numbers,
    member: Member,
    of: (value: Row[Member]) => number,
  ): Numbers {
    const columns = this.#columns<CodedColumn<Row[Member]>>(member);
    const made = columns.map((column) => {
      const numbers = new Float64Array(column.size);
      for (let code = 0; code < column.size; code++) numbers[code] = of(column.value(code));
      return numbers;
    });
    return this.#gather(into, made, columns);
  }

  /** The ranks of the keys by position; see textRanks. */
  keyRanks(): Float64Array {
    return textRanks(this.size, {
      at: (position) => this.#keysAt(position).at(this.#rowOf[position] ?? 0),
      place: (position) => this.#keysAt(position).place(this.#rowOf[position] ?? 0),
    });
  }

  /** @param made a number for each code of a segment's column */
  #gather<Numbers extends Float64Array | Uint32Array | Uint8Array>(
    into: Numbers,
    made: readonly Float64Array[],
    columns: readonly Pick<CodedColumn, 'codes'>[],
  ): Numbers {
    let current = -1;
    let codes: Uint32Array = new Uint32Array(0);
    let numbers: Float64Array = new Float64Array(0);
    for (let position = 0; position < into.length; position++) {
      const s = this.#segmentOf[position] ?? 0;
      if (s !== current) {
        // Of one type, for the loop; neighbours are nearly always of one segment.
        [current, codes, numbers] = [s, new Uint32Array(columns[s]?.codes ?? []), made[s] ?? numbers];
      }
      into[position] = numbers[codes[this.#rowOf[position] ?? 0] ?? 0] ?? 0;
    }
    return into;
  }

  #put(s: number, row: number, next: number): number {
    const keys = this.#keys[s] as Texts;
    const hash = keys.hash(row);
    const known = this.#lookup.find(hash, (position) =>
      keys.equals(row, this.#keysAt(position), this.#rowOf[position] ?? 0),
    );
    const position = known < 0 ? next : known;
    if (known < 0) this.#lookup.add(hash, position);
    this.#segmentOf[position] = s;
    this.#rowOf[position] = row;
    return known < 0 ? next : -1;
  }

  #segment(position: number): Segment<Row> {
    const segment = this.#segments[this.#segmentOf[position] ?? 0];
    if (!segment || position < 0 || position >= this.size) throw new RangeError(`no row at position ${position}`);
    return segment;
  }

  #keysAt(position: number): Texts {
    return this.#keys[this.#segmentOf[position] ?? 0] as Texts;
  }
}

function textsOf<Row extends Place>(segment: Segment<Row>, key: keyof Row): Texts {
  const column = segment.column(key);
  if (!(column instanceof TextColumn)) throw new TypeError(`${String(key)} is not stored as text`);
  return column.texts;
}
