import type { PhaseRun } from '../../../src/core/review/phase-runs.ts';
import type { FromReader, Phases } from '../../../src/protocol/review.ts';

type Arrived = (runs: readonly PhaseRun[]) => void;

/** Requests for the phases of chains, each answered once. */
export class PhaseRequests {
  readonly #post: (message: FromReader) => void;
  readonly #asked = new Map<number, Arrived>();
  #last = 0;

  constructor(post: (message: FromReader) => void) {
    this.#post = post;
  }

  ask(chainId: string, arrived: Arrived): void {
    this.#last += 1;
    this.#asked.set(this.#last, arrived);
    this.#post({ type: 'phases', request: this.#last, chainId });
  }

  take({ request, runs }: Phases): void {
    const arrived = this.#asked.get(request);
    this.#asked.delete(request);
    arrived?.(runs);
  }
}
