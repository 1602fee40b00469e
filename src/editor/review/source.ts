import type { ReviewAct } from '../../core/model/index.ts';
import type { ReviewCounts, ReviewItem, SavedFacet } from '../../protocol/review.ts';

/** What the reader reviews: a dataset seen through the facet filter of the queue. `vscode.Event<void>` fits `onDidChange`. */
export interface ReviewSource {
  readonly reviewer: string;
  /** The filter of the queue; undefined over all chains. */
  readonly facet?: SavedFacet | undefined;
  /** Chain ids of the current filter, in order. */
  queue(): Promise<readonly string[]>;
  /** Undefined when the chain is gone. */
  item(chainId: string): Promise<ReviewItem | undefined>;
  counts(): Promise<ReviewCounts>;
  /** The act is on disk when this resolves; when it rejects, nothing was written. */
  append(act: ReviewAct): Promise<void>;
  /** Chain ids of all samples of the problem, in order of making. */
  samplesOf(problemId: string): Promise<readonly string[]>;
  /** Files changed: a round is running, another reviewer's file arrived, the filter was changed. */
  readonly onDidChange: (listener: () => void) => { dispose(): unknown };
}
