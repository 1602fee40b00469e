import type { Decision } from '../../src/core/model/index.ts';
import type { ReviewCounts, ReviewItem, SavedFacet, Snapshot, ToReader } from '../../src/protocol/review.ts';

type Progress = Extract<ToReader, { type: 'progress' }>;

/**
 * What the reader believes: the last snapshot, and the moves it has made since. A decision or a step is shown at once from
 * the neighbours that are here already; the host's answer replaces the belief when it has seen the move.
 */
export class ReaderModel {
  item: ReviewItem | null = null;
  next: ReviewItem | null = null;
  previous: ReviewItem | null = null;
  position = 0;
  total = 0;
  counts: ReviewCounts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
  reviewer = '';
  dataset = '';
  facet: SavedFacet | undefined;
  #seq = 0;
  #ack = 0;
  #known = false;

  /** Nothing has come from the host yet. */
  get empty(): boolean {
    return !this.#known;
  }

  /** A move was made that the host has not answered, and what it leads to is not here: further moves must wait. */
  waiting = false;

  /** Number for the next message to the host. */
  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Takes a snapshot; false when it is older than a move that was made here. */
  take(snapshot: Snapshot): boolean {
    if (snapshot.ack < this.#seq) return false;
    this.#ack = snapshot.ack;
    this.#known = true;
    this.waiting = false;
    const { item, next, previous, position, total, counts, reviewer, dataset, facet } = snapshot;
    Object.assign(this, { item, next, previous, position, total, counts, reviewer, dataset, facet });
    return true;
  }

  progress({ position, total, counts }: Progress): void {
    // Numbers that left before a move of ours would jump back and forth.
    if (this.#ack < this.#seq) return;
    Object.assign(this, { position, total, counts });
  }

  /** The decision as it will be, before it is written; moves on where the next chain is here. True when it moved. */
  decide(decision: Exclude<Decision, 'pending'>, reason?: string): boolean {
    if (this.item === null) return false;
    const before = this.item.state.decision;
    this.counts = { ...this.counts, [before]: Math.max(0, this.counts[before] - 1) };
    this.counts = { ...this.counts, [decision]: this.counts[decision] + 1 };
    this.item = { ...this.item, state: { ...this.item.state, decision, reason } };
    return this.step('next');
  }

  /** Moves to a neighbour; false when it is not here. Then the host's answer is waited for, if there may be one. */
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
