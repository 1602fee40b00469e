import type { VerbProgress } from '../protocol/verbs.ts';
import type { Dataset } from '../store/index.ts';
import type { Batches } from './sampling/batches.ts';
import type { RoundCounts, StateWriter } from './state.ts';

/** What the one who starts a round brings. */
export interface RunContext {
  signal: AbortSignal;
  log: (text: string) => void;
  progress: (progress: VerbProgress) => void;
  /** Folder of the bundles: the grading worker and the starter server are beside the command line. */
  distFolder: string;
  cache?: string | undefined;
  /** Of a sampling round: what was or is asked for on a cluster. */
  batches?: Batches | undefined;
}

/** What a round runs with. */
export interface RoundRun {
  dataset: Dataset;
  folder: string;
  context: RunContext;
  counts: RoundCounts;
  state: StateWriter;
}
