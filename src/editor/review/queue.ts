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

/**
 * The queue of one review session. A decided chain may no longer match the filters, but keeps its place until the session ends, so
 * that Previous and Undo find it.
 */
export class SessionQueue {
  #ids: ChainOrder = [];
  /** Undefined for an order that is not a list, which finds its ids itself. */
  #places: Map<string, number> | undefined = new Map();
  readonly #kept = new Set<string>();

  get length(): number {
    return this.#ids.length;
  }

  /** Index of a chain; -1 if it is not in the queue. */
  indexOf(id: string): number {
    return this.#places === undefined ? this.#ids.indexOf(id) : (this.#places.get(id) ?? -1);
  }

  at(index: number): string | undefined {
    return index < 0 ? undefined : this.#ids.at(index);
  }

  /** Keeps a chain in the queue even if it no longer matches. */
  keep(id: string): void {
    if (this.indexOf(id) >= 0) this.#kept.add(id);
  }

  /** Starts a new session with `ids`. */
  reset(ids: ChainOrder): void {
    this.#kept.clear();
    this.#set(ids);
  }

  /** Sets the new result of the filters. Kept chains that it lacks stay behind their neighbour. Linear. */
  update(fresh: ChainOrder): void {
    if (!isList(fresh) || !isList(this.#ids)) {
      this.#set(fresh);
      return;
    }
    const present = new Set(fresh);
    if ([...this.#kept].every((id) => present.has(id))) {
      this.#set(fresh);
      return;
    }
    const first: string[] = [];
    const behind = new Map<string, string[]>();
    let anchor: string | undefined;
    for (const id of this.#ids) {
      if (present.has(id)) {
        anchor = id;
      } else if (this.#kept.has(id)) {
        if (anchor === undefined) first.push(id);
        else behind.set(anchor, [...(behind.get(anchor) ?? []), id]);
      }
    }
    this.#set([...first, ...fresh.flatMap((id) => [id, ...(behind.get(id) ?? [])])]);
  }

  #set(ids: ChainOrder): void {
    this.#ids = ids;
    this.#places = isList(ids) ? new Map(ids.map((id, index) => [id, index])) : undefined;
  }
}

function isList(order: ChainOrder): order is readonly string[] {
  return Array.isArray(order);
}
