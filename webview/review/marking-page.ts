import type { ActPayload, ReviewItem } from '../../src/protocol/review.ts';
import type { Pointed } from '../rendering/pointed.ts';
import type { TraceView } from '../rendering/trace.ts';
import type { Announcer } from './announcer.ts';

/** What marking needs of the reader. */
export interface MarkingPage {
  trace(): TraceView | undefined;
  /** The chain that the trace is of. */
  item(): ReviewItem | undefined;
  pointed: Pointed;
  scroller: HTMLElement;
  announcer: Announcer;
  act(act: ActPayload): void;
  /** Another span is lit, or none. */
  lit(): void;
}
