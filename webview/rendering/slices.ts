/** Maximum work between input and paint, in milliseconds: half of a frame at 60 Hz. */
const SLICE = 8;
/** Elements that may be added near the screen before a paint, since the browser lays them out in one task. */
const ELEMENTS_PER_PAINT = 1_000;

/** Steps of work; each yields the number of elements that the next step adds near the screen, if any. */
export type Work = Iterator<number | undefined, unknown, undefined>;

/** Returns the next work, if any. */
export type Supply = () => Work | undefined;

/**
 * Runs iterators in short slices, each in its own task. After each work, suppliers are asked in the order of their rank, so that visible
 * text comes first.
 */
export class Slices {
  readonly #suppliers: { supply: Supply; rank: number }[] = [];
  readonly #channel = new MessageChannel();
  #work: Work | undefined;
  /** Elements added near the screen since the last awaited paint. */
  #elements = 0;
  #scheduled = false;
  #held = 0;

  constructor() {
    this.#channel.port1.onmessage = () => this.#slice();
  }

  /** Adds a supplier; a lower rank goes first. @returns Removes it. */
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

  /** Pauses until the browser has painted, then calls `painted`. */
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
      const { done, value } = this.#work.next();
      if (done === true) this.#work = undefined;
      const coming = done === true ? 0 : (value ?? 0);
      if (this.#elements > 0 && this.#elements + coming > ELEMENTS_PER_PAINT) {
        this.holdUntilPaint(() => {
          this.#elements = coming;
        });
        return;
      }
      this.#elements += coming;
    }
    this.wake();
  }

  #next(): Work | undefined {
    for (const { supply } of this.#suppliers) {
      const work = supply();
      if (work !== undefined) return work;
    }
    return undefined;
  }
}
