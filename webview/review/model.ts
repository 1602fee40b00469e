import { defined } from '../../src/core/defined.ts';
import type { Pace } from '../../src/core/review/pace.ts';
import type { Decision } from '../../src/core/schemas/index.ts';
import type { ReadFile, ReviewCounts, ReviewItem, ShownFilter, Snapshot, ToReader } from '../../src/protocol/review.ts';

type Progress = Extract<ToReader, { type: 'progress' }>;

/** Which text an act is on. */
export function shownText({ chain, textKey }: ReviewItem): { chainId: string; textKey?: string } {
  return { chainId: chain.id, ...defined({ textKey }) };
}

/**
 * The last snapshot with the moves made since. A decision or step is shown immediately from the known neighbours, and replaced by the
 * host's answer to the move.
 */
export class ReaderModel {
  item: ReviewItem | null = null;
  next: ReviewItem | null = null;
  previous: ReviewItem | null = null;
  position = 0;
  total = 0;
  /** All chains of the dataset. */
  all = 0;
  counts: ReviewCounts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
  pace: Pace | undefined;
  reviewer = '';
  dataset = '';
  filters: readonly ShownFilter[] = [];
  /** The file that is read where it is; undefined for a dataset. */
  file: ReadFile | undefined;
  #seq = 0;
  #ack = 0;
  #known = false;

  /** Whether there is no snapshot yet. */
  get empty(): boolean {
    return !this.#known;
  }

  /** The result of a move is not known yet: further moves must wait. */
  waiting = false;

  /** Number for the next message to the host. */
  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Sets a snapshot. @returns False if it is older than a move made here. */
  take(snapshot: Snapshot): boolean {
    if (this.isOutdated(snapshot.ack)) return false;
    this.#ack = snapshot.ack;
    this.#known = true;
    this.waiting = false;
    const { item, next, previous, position, total, all, counts, pace, reviewer, dataset, filters, file } = snapshot;
    Object.assign(this, { item, next, previous, position, total, all, counts, pace, reviewer, dataset, filters, file });
    return true;
  }

  /** Whether a move was made here after what the host had seen. */
  isOutdated(ack: number): boolean {
    return ack < this.#seq;
  }

  progress({ position, total, all, counts, pace, file }: Progress): void {
    // Numbers from before a move made here are outdated.
    if (this.#ack < this.#seq) return;
    Object.assign(this, { position, total, all, counts, pace, file });
  }

  /** Shows a decision before it is written, and moves to the next chain if it is known. @returns Whether it moved. */
  decide(decision: Exclude<Decision, 'pending'>, reason?: string): boolean {
    if (this.item === null) return false;
    const before = this.item.state.decision;
    this.counts = { ...this.counts, [before]: Math.max(0, this.counts[before] - 1) };
    this.counts = { ...this.counts, [decision]: this.counts[decision] + 1 };
    this.item = { ...this.item, state: { ...this.item.state, decision, reason } };
    return this.step('next');
  }

  /** Moves to a neighbour. @returns False if it is not known; the model then waits for the host. */
  step(to: 'next' | 'previous'): boolean {
    const target = this[to];
    if (target === null) {
      this.waiting = true;
      return false;
    }
    const left = this.item;
    this.item = target;
    this.next = to === 'next' ? null : left;
    this.previous = to === 'next' ? left : null;
    if (this.position > 0) this.position += to === 'next' ? 1 : -1;
    return true;
  }
}
