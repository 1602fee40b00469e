import type { VerbProgress } from '../protocol/progress.ts';
import type { Dataset } from '../store/index.ts';
import type { Batches } from './sampling/draw-batches.ts';
import type { RoundCounts, StateWriter } from './state.ts';

/** The context of a run. */
export interface RunContext {
  signal: AbortSignal;
  /** Ends calls in flight immediately. */
  stopNow?: AbortSignal | undefined;
  log: (text: string) => void;
  progress: (progress: VerbProgress) => void;
  /** Folder of the bundles with the grading worker and the starter server. */
  distFolder: string;
  cache?: string | undefined;
  /** Batches of a sampling round on a cluster. */
  batches?: Batches | undefined;
}

/** The parts of a running round. */
export interface RoundRun {
  dataset: Dataset;
  folder: string;
  context: RunContext;
  counts: RoundCounts;
  state: StateWriter;
  /** Called when the run fails, before it waits for calls in flight, so that a later cancel does not hide the failure. */
  onError: () => void;
}
