/**
 * The queue as one sitting sees it. The filter may drop a chain the moment it is decided; a chain that was decided here keeps
 * its place until the sitting ends, so that `previous` and undo find it where it was.
 */
export class SittingQueue {
  #ids: readonly string[] = [];
  #places = new Map<string, number>();
  readonly #kept = new Set<string>();

  get length(): number {
    return this.#ids.length;
  }

  /** Place of a chain from 0; -1 when it is not in the queue. */
  indexOf(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  at(index: number): string | undefined {
    return this.#ids[index];
  }

  /** From now on a new filter result doesn't drop this chain. */
  keep(id: string): void {
    if (this.#places.has(id)) this.#kept.add(id);
  }

  /** Begins a new sitting over `ids`. */
  reset(ids: readonly string[]): void {
    this.#kept.clear();
    this.#set(ids);
  }

  /** Takes the filter's new result; kept chains that it lacks stay behind the neighbour they had. Linear. */
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
