/**
 * A signal that aborts with the caller's signal, after `limitMs` of silence, or by `stop`. The whole call has no limit, so a long reply is
 * never truncated and paid twice.
 */
export class IdleGuard {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #stop = () => this.stop();
  readonly #timer: NodeJS.Timeout;
  #expired = false;

  constructor(limitMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, limitMs);
    if (outer?.aborted) this.stop();
    outer?.addEventListener('abort', this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the silence ended it. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Restarts the limit. */
  touch(): void {
    this.#timer.refresh();
  }

  /** Aborts the signal with a reason. */
  stop(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#stop);
  }
}
