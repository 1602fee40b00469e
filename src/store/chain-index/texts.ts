/** No UTF-8 begins with it: a text with lone surrogates follows in UTF-16. */
const ILL_FORMED = 0xff;

const TOO_MANY = 'the texts of a column have more than 4 GiB';

/** A list of texts as bytes, without an object for each. */
export class Texts {
  #bytes: Buffer;
  /** Where each text ends. */
  #ends: Uint32Array;
  #count: number;

  constructor(bytes: Uint8Array = new Uint8Array(0), ends: Uint32Array = new Uint32Array(0)) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#ends = ends;
    this.#count = ends.length;
  }

  /** @throws Error when a text ends before it begins, or outside of the bytes. */
  static load(bytes: Uint8Array, ends: Uint32Array): Texts {
    let before = 0;
    for (let item = 0; item < ends.length; item++) {
      const end = ends[item] ?? 0;
      if (end < before) throw new Error('a text ends before it begins');
      before = end;
    }
    if (before !== bytes.length) throw new Error('a text ends outside of its bytes');
    return new Texts(bytes, ends);
  }

  get count(): number {
    return this.#count;
  }

  push(text: string): void {
    this.keep(this.write(text));
  }

  /** Writes a text behind the last one, where the next call overwrites it. @returns where it ends */
  write(text: string): number {
    const start = this.#start(this.#count);
    const most = start + text.length * 3 + 1;
    if (most > this.#bytes.length) this.#bytes = grownBuffer(this.#bytes, start, most);
    if (!/\p{Surrogate}/u.test(text)) return start + this.#bytes.write(text, start, 'utf8');
    this.#bytes[start] = ILL_FORMED;
    return start + 1 + this.#bytes.write(text, start + 1, 'utf16le');
  }

  /** Appends the text that was written last. */
  keep(end: number): void {
    if (end > 0xffffffff) throw new RangeError(TOO_MANY);
    if (this.#count === this.#ends.length) this.#ends = grown(this.#ends, this.#count, this.#count + 1);
    this.#ends[this.#count++] = end;
  }

  /** Appends all texts of another list. */
  append(other: Texts): void {
    const [bytes, ends] = other.parts();
    const start = this.#start(this.#count);
    if (start + bytes.length > 0xffffffff) throw new RangeError(TOO_MANY);
    if (start + bytes.length > this.#bytes.length) this.#bytes = grownBuffer(this.#bytes, start, start + bytes.length);
    this.#bytes.set(bytes, start);
    this.#ends = grown(this.#ends, this.#count, this.#count + ends.length);
    for (let item = 0; item < ends.length; item++) this.#ends[this.#count++] = start + (ends[item] ?? 0);
  }

  at(item: number): string {
    const [start, end] = [this.#start(item), this.#ends[item] ?? 0];
    return this.#bytes[start] === ILL_FORMED && end > start
      ? this.#bytes.toString('utf16le', start + 1, end)
      : this.#bytes.toString('utf8', start, end);
  }

  /** FNV-1a of the bytes of a text, 32 bits. `end`: of a text that is only written. */
  hash(item: number, end: number = this.#ends[item] ?? 0): number {
    const bytes = this.#bytes;
    let hash = 0x811c9dc5 | 0;
    for (let i = this.#start(item); i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
    // The low bits of FNV are weak for texts that end in a number.
    return hash ^ (hash >>> 15);
  }

  /** Whether a text of `other` is the same as one of these, or as one that is only written and ends at `end`. */
  equals(item: number, other: Texts, otherItem: number, end: number = this.#ends[item] ?? 0): boolean {
    const start = this.#start(item);
    const otherStart = other.#start(otherItem);
    const length = end - start;
    if (length !== (other.#ends[otherItem] ?? 0) - otherStart) return false;
    // Ids often differ in their last bytes only.
    for (let i = length - 1; i >= 0; i--) {
      if (this.#bytes[start + i] !== other.#bytes[otherStart + i]) return false;
    }
    return true;
  }

  /** The bytes that a text is stored as: `[start, end)` of all bytes. Not UTF-8 where it has lone surrogates. */
  place(item: number): { bytes: Uint8Array; start: number; end: number } {
    return { bytes: this.#bytes, start: this.#start(item), end: this.#ends[item] ?? 0 };
  }

  parts(): [bytes: Uint8Array, ends: Uint32Array] {
    return [this.#bytes.subarray(0, this.#start(this.#count)), this.#ends.subarray(0, this.#count)];
  }

  #start(item: number): number {
    return item === 0 ? 0 : (this.#ends[item - 1] ?? 0);
  }
}

/** Finds items by their hash: open addressing over item numbers. */
export class Lookup {
  /** Item + 1; 0 where the place is free. */
  #items: Int32Array;
  #hashes: Int32Array;
  #size = 0;

  /** `size`: of items that are expected. */
  constructor(size = 0) {
    const places = 2 ** Math.max(4, Math.ceil(Math.log2(size * 2 + 1)));
    this.#items = new Int32Array(places);
    this.#hashes = new Int32Array(places);
  }

  /** The item with the hash that is the same; -1 when there is none. */
  find(hash: number, isSame: (item: number) => boolean): number {
    const last = this.#items.length - 1;
    for (let place = spread(hash) & last; ; place = (place + 1) & last) {
      const item = (this.#items[place] ?? 0) - 1;
      if (item < 0 || (this.#hashes[place] === hash && isSame(item))) return item;
    }
  }

  add(hash: number, item: number): void {
    if (this.#size * 2 >= this.#items.length) this.#grow();
    this.#put(hash, item);
    this.#size++;
  }

  #put(hash: number, item: number): void {
    const last = this.#items.length - 1;
    let place = spread(hash) & last;
    while (this.#items[place] !== 0) place = (place + 1) & last;
    this.#items[place] = item + 1;
    this.#hashes[place] = hash;
  }

  #grow(): void {
    const [items, hashes] = [this.#items, this.#hashes];
    this.#items = new Int32Array(items.length * 2);
    this.#hashes = new Int32Array(items.length * 2);
    items.forEach((item, place) => {
      if (item > 0) this.#put(hashes[place] ?? 0, item - 1);
    });
  }
}

function spread(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 7;
}

/** Each text once; its number is its code. */
export class Dictionary {
  readonly texts: Texts;
  /** Made when it is first needed: a dictionary that was read is seldom added to. */
  #lookup: Lookup | undefined;

  constructor(texts: Texts = new Texts()) {
    this.texts = texts;
  }

  /** The code of a text, which is added if it is new. */
  code(text: string): number {
    const { texts } = this;
    const lookup = this.#lookedUp();
    const next = texts.count;
    const end = texts.write(text);
    const hash = texts.hash(next, end);
    const known = lookup.find(hash, (item) => texts.equals(next, texts, item, end));
    if (known >= 0) return known;
    texts.keep(end);
    lookup.add(hash, next);
    return next;
  }

  /** The code of a text; -1 when it is absent. */
  find(text: string): number {
    const { texts } = this;
    const next = texts.count;
    const end = texts.write(text);
    return this.#lookedUp().find(texts.hash(next, end), (item) => texts.equals(next, texts, item, end));
  }

  #lookedUp(): Lookup {
    if (this.#lookup) return this.#lookup;
    const { texts } = this;
    this.#lookup = new Lookup(texts.count);
    for (let item = 0; item < texts.count; item++) this.#lookup.add(texts.hash(item), item);
    return this.#lookup;
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** A copy of the first `used` numbers with place for `least`, and for as many again. */
export function grown<T extends Numbers>(numbers: T, used: number, least: number): T {
  const larger = new (numbers.constructor as new (length: number) => T)(Math.max(16, least, used * 2));
  larger.set(numbers.subarray(0, used));
  return larger;
}

function grownBuffer(buffer: Buffer, used: number, least: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(1024, least, Math.ceil(used * 1.5)));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
