import { type CodedColumn, type NumberColumn, TextColumn } from './columns.ts';
import type { Numbers } from './order.ts';
import type { Place, Segment } from './segment.ts';
import { compareTexts, textRanks } from './text-ranks.ts';
import { Lookup, Texts } from './texts.ts';

/**
 * Rows of several segments in order. Of those with the same key only the last counts, at the position of the first. Positions begin at 0 and are
 * valid until the segments change.
 */
export class Table<Row extends Place> {
  readonly size: number;
  readonly #segments: readonly Segment<Row>[];
  readonly #keys: readonly TextColumn[];
  /** By position: number of the segment, and of the row in it. */
  readonly #segmentOf: Uint32Array;
  readonly #rowOf: Uint32Array;
  readonly #lookup: Lookup;
  readonly #wanted = new Texts();

  constructor(segments: readonly Segment<Row>[], key: keyof Row) {
    const rows = segments.reduce((sum, { length }) => sum + length, 0);
    this.#segments = segments;
    this.#keys = segments.map((segment) => textColumn(segment, key));
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

  /** A coded member of all rows, or of those at some positions: a code for each, and the value of each code. */
  codes<Member extends keyof Row>(member: Member, at?: Uint32Array): { codes: Uint32Array; values: Row[Member][] } {
    const values: Row[Member][] = [];
    const known = new Map<unknown, number>();
    const of = (value: Row[Member]): number => {
      const key = typeof value === 'object' ? JSON.stringify(value) : value;
      const code = known.get(key) ?? values.push(value) - 1;
      known.set(key, code);
      return code;
    };
    if (at !== undefined) return { codes: at.map((position) => of(this.value(position, member))), values };
    return { codes: this.#mapInto(new Uint32Array(this.size), member, of), values };
  }

  /**
   * Rows with the same values of all these coded members are of one kind: a million chains have some hundred kinds, which are looked at in their place.
   * @returns a kind for each position, and the first position of each kind
   */
  kinds(members: readonly (keyof Row)[]): { kinds: Uint32Array; first: Uint32Array } {
    const differing = members.filter((member) => !this.#isConstant(member));
    if (differing.length === 0)
      return { kinds: new Uint32Array(this.size), first: new Uint32Array(Math.min(1, this.size)) };
    const ofRows = this.#segments.map((segment) => kindsOfRows(segment, differing));
    const offsets: number[] = [];
    let most = 0;
    for (const { size } of ofRows) {
      offsets.push(most);
      most += size;
    }
    /** 1 + the kind; 0 before its first position: some rows have none. */
    const known = new Uint32Array(most);
    const kinds = new Uint32Array(this.size);
    const first: number[] = [];
    for (let position = 0; position < kinds.length; position++) {
      const s = this.#segmentOf[position] ?? 0;
      const own = (offsets[s] ?? 0) + (ofRows[s]?.kinds[this.#rowOf[position] ?? 0] ?? 0);
      if (known[own] === 0) known[own] = first.push(position);
      kinds[position] = (known[own] ?? 0) - 1;
    }
    return { kinds, first: Uint32Array.from(first) };
  }

  /** Whether all rows have the same value of a coded member. */
  #isConstant(member: keyof Row): boolean {
    const columns = this.#columns<CodedColumn>(member).filter(({ size }) => size > 0);
    const values = new Set(columns.map((column) => JSON.stringify(column.value(0))));
    return values.size <= 1 && columns.every(({ size }) => size === 1);
  }

  /** A number of each row. */
  numbers(member: keyof Row): Numbers {
    const columns = this.#columns<NumberColumn>(member).map((column) => column.numbers);
    const areCounts = columns.every((column) => column instanceof Uint32Array);
    const numbers = new (areCounts ? Uint32Array : Float64Array)(this.size);
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

  /** Numbers by position in the order of the keys; see textRanks. */
  keyRanks(): Uint32Array {
    const own = this.#keys.map((column) => column.ranks());
    const offsets = this.#rankOffsets(own);
    if (offsets === undefined)
      return textRanks(this.size, {
        at: (position) => this.#keysAt(position).at(this.#rowOf[position] ?? 0),
        place: (position) => this.#keysAt(position).place(this.#rowOf[position] ?? 0),
      });
    if (own.length === 1 && own[0]?.length === this.size) return own[0];
    const all = new Uint32Array(this.size);
    for (let position = 0; position < all.length; position++) {
      const s = this.#segmentOf[position] ?? 0;
      all[position] = (offsets[s] ?? 0) + (own[s]?.[this.#rowOf[position] ?? 0] ?? 0);
    }
    return all;
  }

  /** By segment, what to add to its ranks. Undefined where the keys of two segments mingle, or a segment has no ranks. */
  #rankOffsets(ranks: readonly (Uint32Array | undefined)[]): number[] | undefined {
    const ends: { s: number; first: string; last: string }[] = [];
    for (const [s, { texts }] of this.#keys.entries()) {
      const own = ranks[s];
      if (own === undefined) return undefined;
      let [first, last] = [0, 0];
      for (let row = 1; row < own.length; row++) {
        if ((own[row] ?? 0) < (own[first] ?? 0)) first = row;
        if ((own[row] ?? 0) > (own[last] ?? 0)) last = row;
      }
      if (own.length > 0) ends.push({ s, first: texts.at(first), last: texts.at(last) });
    }
    ends.sort((a, b) => compareTexts(a.first, b.first));
    const offsets: number[] = [];
    let next = 0;
    for (const [i, { s, first }] of ends.entries()) {
      if (i > 0 && compareTexts(ends[i - 1]?.last ?? '', first) >= 0) return undefined;
      offsets[s] = next;
      next += ranks[s]?.length ?? 0;
    }
    return offsets;
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
    const keys = this.#textsIn(s);
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
    return this.#textsIn(this.#segmentOf[position] ?? 0);
  }

  #textsIn(s: number): Texts {
    return (this.#keys[s] as TextColumn).texts;
  }
}

function textColumn<Row extends Place>(segment: Segment<Row>, key: keyof Row): TextColumn {
  const column = segment.column(key);
  if (!(column instanceof TextColumn)) throw new TypeError(`${String(key)} is not stored as text`);
  return column;
}

/** A kind for each row of a segment; see Table.kinds. Kinds may have no rows. */
function kindsOfRows<Row extends Place>(
  segment: Segment<Row>,
  members: readonly (keyof Row)[],
): { kinds: Uint32Array; size: number } {
  const kinds = new Uint32Array(segment.length);
  let size = 1;
  for (const member of members) {
    const column = segment.column(member) as CodedColumn;
    if (column.size > 1) size = splitKinds(kinds, size, column);
  }
  return { kinds, size };
}

/** Pairs of a kind and a code that are kinds as they are. To number those with rows takes longer. */
const FEW_PAIRS = 10_000;
/** Pairs that a plain array counts, of 4 bytes each. */
const MOST_PAIRS = 4_000_000;

/** Splits kinds where rows of one kind have several codes. @returns the number of kinds */
function splitKinds(kinds: Uint32Array, before: number, { codes, size }: CodedColumn): number {
  if (before * size <= FEW_PAIRS) {
    for (let row = 0; row < kinds.length; row++) kinds[row] = (kinds[row] ?? 0) * size + (codes[row] ?? 0);
    return before * size;
  }
  /** 1 + the kind of a pair; 0 before its first row. */
  const few = before * size <= MOST_PAIRS ? new Uint32Array(before * size) : undefined;
  const many = new Map<number, number>();
  let count = 0;
  for (let row = 0; row < kinds.length; row++) {
    const pair = (kinds[row] ?? 0) * size + (codes[row] ?? 0);
    let kind = (few === undefined ? many.get(pair) : few[pair]) ?? 0;
    if (kind === 0) {
      kind = ++count;
      if (few === undefined) many.set(pair, kind);
      else few[pair] = kind;
    }
    kinds[row] = kind - 1;
  }
  return count;
}
