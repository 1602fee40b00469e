import type { z } from 'zod';
import { quickRanks } from './text-ranks.ts';
import { Dictionary, grown, Texts } from './texts.ts';

/** The values of one member of many rows, without an object for each row. */
export interface Column<T = unknown> {
  push(value: T): void;
  /** Pushes all values of a column of the same kind. */
  append(other: this): void;
  /** @param row below the number of pushed values. */
  at(row: number): T;
  /** Makes what `parts` has beside the values. */
  prepare?(): void;
  /** What `load` of its kind reads back; valid until the next push. */
  parts(): ArrayBufferView[];
}

/** How a member of a row is stored. */
export interface ColumnKind<T = unknown> {
  create(): Column<T>;
  /**
   * @param parts each begins at a multiple of 8 bytes of its buffer.
   * @throws Error when they are not those of `rows` valid values: a stranger may have written them.
   */
  load(parts: readonly Uint8Array[], rows: number): Column<T>;
}

/** Text that differs in most rows. */
export const text: ColumnKind<string> = {
  create: () => new TextColumn(new Texts()),
  load: ([bytes, ends], rows) => new TextColumn(Texts.load(bytes ?? NOTHING, numbersOf(ends, Uint32Array, rows))),
};

/** As `text`, stored with the ranks of the texts once these are prepared. */
export const rankedText: ColumnKind<string> = {
  create: () => new RankedColumn(new Texts()),
  load: ([bytes, ends, ranks], rows) => {
    const texts = Texts.load(bytes ?? NOTHING, numbersOf(ends, Uint32Array, rows));
    if (ranks === undefined || ranks.length === 0) return new RankedColumn(texts);
    const numbers = numbersOf(ranks, Uint32Array, rows);
    for (let row = 0; row < rows; row++) if ((numbers[row] ?? 0) >= rows) throw new Error('a rank is out of range');
    return new RankedColumn(texts, numbers);
  },
};

export class TextColumn implements Column<string> {
  readonly texts: Texts;
  #ranks: Uint32Array | undefined;

  constructor(texts: Texts, ranks?: Uint32Array) {
    this.texts = texts;
    this.#ranks = ranks;
  }

  /** See quickRanks; kept until the next push. */
  ranks(): Uint32Array | undefined {
    const { count } = this.texts;
    if (!this.isRanked) this.#ranks = quickRanks(count, this.texts);
    return this.#ranks;
  }

  protected get isRanked(): boolean {
    return this.#ranks?.length === this.texts.count;
  }

  push(value: string): void {
    this.texts.push(value);
  }

  append({ texts }: TextColumn): void {
    this.texts.append(texts);
  }

  at(row: number): string {
    return this.texts.at(row);
  }

  parts(): ArrayBufferView[] {
    return this.texts.parts();
  }
}

class RankedColumn extends TextColumn {
  prepare(): void {
    this.ranks();
  }

  override parts(): ArrayBufferView[] {
    return [...super.parts(), this.isRanked ? (this.ranks() ?? NOTHING) : NOTHING];
  }
}

/** Text that repeats in some rows. */
export const word: ColumnKind<string> = {
  create: () => new CodedColumn(PLAIN),
  load: (parts, rows) => loadCoded(PLAIN, parts, rows),
};

/** As `word`, or absent. */
export const optionalWord: ColumnKind<string | undefined> = {
  create: () => new CodedColumn(OPTIONAL),
  load: (parts, rows) => loadCoded(OPTIONAL, parts, rows),
};

/** Values that JSON can express, or absent ones, of which few differ. They are all lists, or none is. */
export function coded<T>(schema: z.ZodType<T>): ColumnKind<T> {
  const codec: Codec<T> = {
    write: (value) => (value === undefined ? '' : JSON.stringify(value)),
    read: (written) => (written === '' ? undefined : Object.freeze(JSON.parse(written))) as T,
  };
  return {
    create: () => new CodedColumn(codec),
    load: (parts, rows) => {
      const column = loadCoded(codec, parts, rows);
      for (let code = 0; code < column.size; code++) schema.parse(column.value(code));
      return column;
    },
  };
}

interface Codec<T> {
  write(value: T): string;
  /** Any text is a value, except where `load` checks it. */
  read(written: string): T;
}

const PLAIN: Codec<string> = { write: (value) => value, read: (written) => written };
const OPTIONAL: Codec<string | undefined> = {
  write: (value) => (value === undefined ? '' : `=${value}`),
  read: (written) => (written === '' ? undefined : written.slice(1)),
};

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** Values below this code are kept decoded. */
const MOST_DECODED = 4096;

/** A code for each row, and a dictionary of the values. */
export class CodedColumn<T = unknown> implements Column<T> {
  readonly #codec: Codec<T>;
  readonly #dictionary: Dictionary;
  /** One, two or four bytes each, as the largest needs. */
  #codes: Codes;
  #rows: number;
  readonly #known = new Map<unknown, number>();
  readonly #decoded: T[] = [];

  constructor(codec: Codec<T>, dictionary = new Dictionary(), codes: Codes = new Uint8Array(0)) {
    this.#codec = codec;
    this.#dictionary = dictionary;
    this.#codes = codes;
    this.#rows = codes.length;
  }

  push(value: T): void {
    this.#pushCode(this.#codeOf(value));
  }

  append(other: CodedColumn<T>): void {
    const { texts } = other.#dictionary;
    const codes = Uint32Array.from({ length: texts.count }, (_, code) => this.#dictionary.code(texts.at(code)));
    const { codes: all } = other;
    for (let row = 0; row < all.length; row++) this.#pushCode(codes[all[row] ?? 0] ?? 0);
  }

  at(row: number): T {
    return this.value(this.#codes[row] ?? 0);
  }

  /** The code of each row. */
  get codes(): Codes {
    return this.#codes.subarray(0, this.#rows);
  }

  /** Number of codes. */
  get size(): number {
    return this.#dictionary.texts.count;
  }

  /** Forgets the rows from this one on. */
  truncate(rows: number): void {
    this.#rows = Math.min(this.#rows, rows);
  }

  /** The code of a value; -1 when no row has it. */
  find(value: T): number {
    return this.#dictionary.find(this.#codec.write(value));
  }

  value(code: number): T {
    const known = this.#decoded[code];
    if (known !== undefined) return known;
    const value = this.#codec.read(this.#dictionary.texts.at(code));
    if (code < MOST_DECODED) this.#decoded[code] = value;
    return value;
  }

  parts(): ArrayBufferView[] {
    return [...this.#dictionary.texts.parts(), this.codes];
  }

  #pushCode(code: number): void {
    if (code > 0xff && this.#codes instanceof Uint8Array) this.#codes = Uint16Array.from(this.#codes);
    if (code > 0xffff && this.#codes instanceof Uint16Array) this.#codes = Uint32Array.from(this.#codes);
    if (this.#rows === this.#codes.length) this.#codes = grown(this.#codes, this.#rows, this.#rows + 1);
    this.#codes[this.#rows++] = code;
  }

  #codeOf(value: T): number {
    const key = typeof value === 'object' ? this.#codec.write(value) : value;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const code = this.#dictionary.code(this.#codec.write(value));
    if (this.#known.size < MOST_DECODED) this.#known.set(key, code);
    return code;
  }
}

function loadCoded<T>(codec: Codec<T>, [bytes, ends, codes]: readonly Uint8Array[], rows: number): CodedColumn<T> {
  const texts = Texts.load(bytes ?? NOTHING, numbersOf(ends, Uint32Array));
  const width = (codes?.byteLength ?? 0) / rows;
  const kind = width === 4 ? Uint32Array : width === 2 ? Uint16Array : Uint8Array;
  const numbers = numbersOf<Codes>(codes, kind, rows);
  // Loops over numbers: `for of` takes seven times as long.
  for (let row = 0; row < numbers.length; row++)
    if ((numbers[row] ?? 0) >= texts.count) throw new Error('a code is not in its dictionary');
  return new CodedColumn(codec, new Dictionary(texts), numbers);
}

/** Whole numbers from 0 to 2^32 - 1. */
export const count: ColumnKind<number> = {
  create: () => new NumberColumn(new Uint32Array(0)),
  load: ([numbers], rows) => new NumberColumn(numbersOf(numbers, Uint32Array, rows)),
};

/** Whole numbers from 0 to 2^53 - 1. */
export const largeCount: ColumnKind<number> = {
  create: () => new NumberColumn(new Float64Array(0)),
  load: ([bytes], rows) => {
    const numbers = numbersOf(bytes, Float64Array, rows);
    for (let row = 0; row < rows; row++)
      if (!Number.isSafeInteger(numbers[row]) || (numbers[row] ?? 0) < 0) throw new Error('a number is out of range');
    return new NumberColumn(numbers);
  },
};

export class NumberColumn implements Column<number> {
  #numbers: Uint32Array | Float64Array;
  #rows: number;

  constructor(numbers: Uint32Array | Float64Array) {
    this.#numbers = numbers;
    this.#rows = numbers.length;
  }

  push(value: number): void {
    if (this.#rows === this.#numbers.length) this.#numbers = grown(this.#numbers, this.#rows, this.#rows + 1);
    this.#numbers[this.#rows++] = value;
  }

  append({ numbers }: NumberColumn): void {
    this.#numbers = grown(this.#numbers, this.#rows, this.#rows + numbers.length);
    this.#numbers.set(numbers, this.#rows);
    this.#rows += numbers.length;
  }

  at(row: number): number {
    return this.#numbers[row] ?? 0;
  }

  /** As CodedColumn. */
  truncate(rows: number): void {
    this.#rows = Math.min(this.#rows, rows);
  }

  get numbers(): Uint32Array | Float64Array {
    return this.#numbers.subarray(0, this.#rows);
  }

  parts(): ArrayBufferView[] {
    return [this.numbers];
  }
}

/** 16 hex digits. */
export const digest: ColumnKind<string> = {
  create: () => new HashColumn(new Uint32Array(0)),
  load: ([numbers], rows) => new HashColumn(numbersOf(numbers, Uint32Array, rows * 2)),
};

class HashColumn implements Column<string> {
  /** Both halves of each hash. */
  readonly #halves: NumberColumn;

  constructor(halves: Uint32Array) {
    this.#halves = new NumberColumn(halves);
  }

  push(value: string): void {
    this.#halves.push(Number.parseInt(value.slice(0, 8), 16));
    this.#halves.push(Number.parseInt(value.slice(8), 16));
  }

  append(other: HashColumn): void {
    this.#halves.append(other.#halves);
  }

  at(row: number): string {
    return half(this.#halves.at(row * 2)) + half(this.#halves.at(row * 2 + 1));
  }

  parts(): ArrayBufferView[] {
    return this.#halves.parts();
  }
}

const half = (number: number): string => number.toString(16).padStart(8, '0');

const NOTHING = new Uint8Array(0);

/** A view of the bytes as numbers. @throws Error when they are not `length` of them */
function numbersOf<T extends Codes | Float64Array>(
  bytes: Uint8Array | undefined,
  kind: { new (buffer: ArrayBufferLike, offset: number, length: number): T; readonly BYTES_PER_ELEMENT: number },
  length = Math.floor((bytes ?? NOTHING).byteLength / kind.BYTES_PER_ELEMENT),
): T {
  const { buffer, byteOffset, byteLength } = bytes ?? NOTHING;
  if (length * kind.BYTES_PER_ELEMENT !== byteLength) throw new Error('a column has another number of rows');
  return new kind(buffer, byteOffset, length);
}
