import type { GradingPolicy, Verdict } from '../core/model/index.ts';

/** What the pool sends to a worker. */
export interface GradeRequest {
  readonly id: number;
  readonly gold: string;
  readonly text: string;
  readonly policy: GradingPolicy;
}

/**
 * What a worker sends to the pool. `ready` comes once, before the first grading. `loading` comes where an item waits for the compute
 * engine, whose loading is start-up and not the item's own time; `loaded` starts the item's clock again.
 */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loading'; readonly id: number }
  | { readonly kind: 'loaded'; readonly id: number }
  /** `ms`: computing time of the item, without the loading of the engine. */
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: Verdict; readonly ms: number };
