import { UserError } from '../core/errors.ts';

export type StoreProblem =
  | 'not-a-dataset'
  | 'already-a-dataset'
  | 'bad-settings'
  | 'newer-version'
  | 'no-prompts'
  | 'unknown-problem'
  | 'unknown-chain'
  | 'unknown-round'
  | 'unknown-calibration'
  | 'unknown-comparison'
  | 'unknown-evaluation'
  | 'unknown-run'
  | 'round-exists'
  | 'bad-plan'
  | 'bad-classifier'
  | 'locked'
  | 'bad-name'
  | 'symbolic-link'
  | 'special-file'
  | 'read-only'
  | 'changed-below';

/** A problem of the dataset folder. */
export class StoreError extends UserError<StoreProblem> {}
