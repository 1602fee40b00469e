/** Chain ids in order: a list, or a file whose rows are not all read. */
export interface ChainOrder {
  readonly length: number;
  at(index: number): string | undefined;
  /** -1 for an id that it does not have. */
  indexOf(id: string): number;
}

/**
 * The chain of `order` nearest to `id` that matches: the chain itself, else the first one after it, else the last one before it. If `order`
 * does not have `id`, the first match. Undefined without a match.
 */
export function nearestMatch(id: string, order: ChainOrder, matches: (id: string) => boolean): string | undefined {
  const start = Math.max(0, order.indexOf(id));
  const found = (index: number): string | undefined => {
    const one = order.at(index);
    return one !== undefined && matches(one) ? one : undefined;
  };
  for (let index = start; index < order.length; index += 1) if (found(index) !== undefined) return found(index);
  for (let index = start - 1; index >= 0; index -= 1) if (found(index) !== undefined) return found(index);
  return undefined;
}

/** A chain that the order no longer has, behind so many chains of it. */
interface Inserted {
  id: string;
  before: number;
}

/**
 * The queue of one review session. A decided chain may no longer match the filters, but keeps its place until the session ends, so
 * that Previous and Undo find it.
 */
export class SessionQueue {
  #order: ChainOrder = [];
  readonly #kept = new Set<string>();
  /** Kept chains that the order lacks, in their order. */
  #inserted: readonly Inserted[] = [];
  /** By id, the number of an inserted chain. */
  #numbers: ReadonlyMap<string, number> = new Map();

  get length(): number {
    return this.#order.length + this.#inserted.length;
  }

  /** Index of a chain; -1 if it is not in the queue. */
  indexOf(id: string): number {
    const number = this.#numbers.get(id);
    if (number !== undefined) return (this.#inserted[number]?.before ?? 0) + number;
    const index = this.#order.indexOf(id);
    return index < 0 ? -1 : index + this.#countInserted(({ before }) => before <= index);
  }

  at(index: number): string | undefined {
    if (index < 0) return undefined;
    const number = this.#countInserted(({ before }, at) => before + at < index);
    const inserted = this.#inserted[number];
    return inserted !== undefined && inserted.before + number === index ? inserted.id : this.#order.at(index - number);
  }

  /** Keeps a chain in the queue even if it no longer matches. */
  keep(id: string): void {
    if (this.indexOf(id) >= 0) this.#kept.add(id);
  }

  /** Starts a new session with `ids`. */
  reset(ids: ChainOrder): void {
    this.#kept.clear();
    this.#set(ids, []);
  }

  /** Sets the new result of the filters. Kept chains that it lacks stay behind their neighbour. */
  update(fresh: ChainOrder): void {
    if (fresh === this.#order && this.#inserted.length === 0) return;
    const lacking = [...this.#kept]
      .filter((id) => fresh.indexOf(id) < 0)
      .map((id) => ({ id, index: this.indexOf(id) }))
      .filter(({ index }) => index >= 0)
      .sort((a, b) => a.index - b.index);
    const inserted: Inserted[] = [];
    let last = -1;
    for (const { id, index } of lacking) {
      // Behind the nearest chain before it that the new result has, or beside the kept one before it.
      let before = inserted.at(-1)?.before ?? 0;
      for (let at = index - 1; at > last; at--) {
        const place = fresh.indexOf(this.at(at) ?? '');
        if (place < 0) continue;
        before = place + 1;
        break;
      }
      inserted.push({ id, before });
      last = index;
    }
    this.#set(
      fresh,
      inserted.sort((a, b) => a.before - b.before),
    );
  }

  #set(order: ChainOrder, inserted: readonly Inserted[]): void {
    this.#order = order;
    this.#inserted = inserted;
    this.#numbers = new Map(inserted.map(({ id }, number) => [id, number]));
  }

  /** How many inserted chains have this, which only the first ones have. */
  #countInserted(has: (inserted: Inserted, number: number) => boolean): number {
    let low = 0;
    let high = this.#inserted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const one = this.#inserted[middle];
      if (one !== undefined && has(one, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
