/**
 * Context keys that `when` clauses ask for, with the values each may take. All are unset until the extension is activated, so
 * enablement is written as "not known to be impossible" (`longhand.dataset != none`): a command can then be the first thing used.
 */
export interface ContextValues {
  /** Whether the workspace holds a dataset. */
  'longhand.dataset': 'none' | 'open';
  /** Whether there is more than one, so that choosing makes sense. */
  'longhand.datasets': 'one' | 'many';
  /** What the review queue has to show; `unreadable` when the dataset can't be opened. */
  'longhand.chains': 'none' | 'some' | 'unreadable';
  'longhand.round': 'idle' | 'running';
  /** Whether a round of the current dataset stopped before its end. */
  'longhand.resumable': 'none' | 'some';
  /** Whether a dataset has runs on engines; whether one of them goes on, and whether a training stopped before its end. */
  'longhand.runs': 'none' | 'some';
  'longhand.run': 'idle' | 'running';
  'longhand.resumableRun': 'none' | 'some';
  'longhand.starter': 'stopped' | 'running';
  /** The review editor is the active editor; set by the review panel. */
  'longhand.reviewActive': boolean;
}

export type ContextKey = keyof ContextValues;

/** Names for the tests that read `when` clauses; the mapped type makes a missing or foreign key a type error. */
const KEYS: Record<ContextKey, true> = {
  'longhand.dataset': true,
  'longhand.datasets': true,
  'longhand.chains': true,
  'longhand.round': true,
  'longhand.resumable': true,
  'longhand.runs': true,
  'longhand.run': true,
  'longhand.resumableRun': true,
  'longhand.starter': true,
  'longhand.reviewActive': true,
};

export const CONTEXT_KEYS: readonly string[] = Object.keys(KEYS);
