/**
 * A signal that aborts when the caller's does, or when nothing was heard for `limitMs`. The limit is on silence, not on the whole
 * call: a long reply that keeps coming is never cut off, and is never paid for twice.
 */
export class IdleGuard {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #stop = () => this.#controller.abort();
  readonly #timer: NodeJS.Timeout;
  #expired = false;

  constructor(limitMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, limitMs);
    if (outer?.aborted) this.#stop();
    outer?.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The silence, not the caller, ended it. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Something was heard. */
  touch(): void {
    this.#timer.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#stop);
  }
}
