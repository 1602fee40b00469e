/** Longest stretch of work between two looks at input and paint, in milliseconds: half of a frame at 60 Hz. */
const SLICE = 8;

/** Gives the next piece of work, or undefined when there is none for now. */
export type Supply = () => Iterator<unknown, unknown, undefined> | undefined;

/**
 * Works through iterators in short slices, each a task of its own. Suppliers are asked in the order of their rank whenever
 * a piece of work ends, so what comes into view overtakes what is far away.
 */
export class Slices {
  readonly #suppliers: { supply: Supply; rank: number }[] = [];
  readonly #channel = new MessageChannel();
  #work: Iterator<unknown, unknown, undefined> | undefined;
  #scheduled = false;
  #held = 0;

  constructor() {
    this.#channel.port1.onmessage = () => this.#slice();
  }

  /** Adds a supplier; a lower rank goes first. Returns what takes it away again. */
  add(rank: number, supply: Supply): () => void {
    const entry = { supply, rank };
    this.#suppliers.push(entry);
    this.#suppliers.sort((a, b) => a.rank - b.rank);
    this.wake();
    return () => {
      const index = this.#suppliers.indexOf(entry);
      if (index >= 0) this.#suppliers.splice(index, 1);
    };
  }

  /** Lets the browser paint what was just put into the page before any more work is done; then calls `painted`. */
  holdUntilPaint(painted: () => void): void {
    this.#held += 1;
    let done = false;
    const release = (): void => {
      if (done) return;
      done = true;
      this.#held -= 1;
      painted();
      this.wake();
    };
    // The task after a frame's callback runs after the paint; a hidden page has no frames.
    requestAnimationFrame(() => setTimeout(release));
    setTimeout(release, 200);
  }

  /** There may be work again. */
  wake(): void {
    if (this.#scheduled || this.#held > 0) return;
    this.#scheduled = true;
    this.#channel.port2.postMessage(null);
  }

  #slice(): void {
    this.#scheduled = false;
    if (this.#held > 0) return;
    const until = performance.now() + SLICE;
    while (performance.now() < until) {
      this.#work ??= this.#next();
      if (this.#work === undefined) return;
      if (this.#work.next().done === true) this.#work = undefined;
    }
    this.wake();
  }

  #next(): Iterator<unknown, unknown, undefined> | undefined {
    for (const { supply } of this.#suppliers) {
      const work = supply();
      if (work !== undefined) return work;
    }
    return undefined;
  }
}
