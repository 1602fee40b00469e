/**
 * The chain of `order` nearest to `id` that matches: the chain itself, else the first one after it, else the last one before it. If `order`
 * does not have `id`, the first match. Undefined without a match.
 */
export function nearestMatch(
  id: string,
  order: readonly string[],
  matches: (id: string) => boolean,
): string | undefined {
  const at = Math.max(0, order.indexOf(id));
  return order.slice(at).find(matches) ?? order.slice(0, at).findLast(matches);
}

/**
 * The queue of one review session. A decided chain may no longer match the filters, but keeps its place until the session ends, so
 * that Previous and Undo find it.
 */
export class SessionQueue {
  #ids: readonly string[] = [];
  #places = new Map<string, number>();
  readonly #kept = new Set<string>();

  get length(): number {
    return this.#ids.length;
  }

  /** Index of a chain; -1 if it is not in the queue. */
  indexOf(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  at(index: number): string | undefined {
    return this.#ids[index];
  }

  /** Keeps a chain in the queue even if it no longer matches. */
  keep(id: string): void {
    if (this.#places.has(id)) this.#kept.add(id);
  }

  /** Starts a new session with `ids`. */
  reset(ids: readonly string[]): void {
    this.#kept.clear();
    this.#set(ids);
  }

  /** Sets the new result of the filters. Kept chains that it lacks stay behind their neighbour. Linear. */
  update(fresh: readonly string[]): void {
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

  #set(ids: readonly string[]): void {
    this.#ids = ids;
    this.#places = new Map(ids.map((id, index) => [id, index]));
  }
}
