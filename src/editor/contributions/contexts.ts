/**
 * Context keys of `when` clauses with the values each may take. All are unset until the extension is activated, and an unset key
 * enables nothing. A window with a dataset activates the extension (see `activationEvents` in manifest.ts).
 */
export const CONTEXTS = {
  'longhand.dataset': ['none', 'open'],
  /** Whether there is more than one. */
  'longhand.datasets': ['one', 'many'],
  /** What the review queue has to show; `unreadable` when the dataset can't be opened. */
  'longhand.chains': ['none', 'some', 'unreadable'],
  /** Whether a dataset has problems that the sample dataset does not have, an export, an evaluation that ended. */
  'longhand.problems': ['none', 'some'],
  'longhand.exports': ['none', 'some'],
  'longhand.evaluations': ['none', 'some'],
  /** Whether a dataset names a model. */
  'longhand.model': ['none', 'some'],
  /** Whether there are rounds, and whether a model wrote some of them. */
  'longhand.rounds': ['none', 'some'],
  'longhand.generated': ['none', 'some'],
  'longhand.round': ['idle', 'running'],
  /** Whether a round of the current dataset stopped before its end. */
  'longhand.resumable': ['none', 'some'],
  /** Whether a dataset has trainings. */
  'longhand.trainings': ['none', 'some'],
  /** Whether a run can be stopped. */
  'longhand.run': ['idle', 'running'],
  /** Whether a training stopped before its end. */
  'longhand.resumableRun': ['none', 'some'],
  /** Whether a dataset that was opened has lines that can't be read. */
  'longhand.damage': ['none', 'some'],
  /** The review editor is the active editor; set by the review panel. */
  'longhand.reviewActive': [true, false],
} as const;

export type ContextKey = keyof typeof CONTEXTS;
export type ContextValues = { [K in ContextKey]: (typeof CONTEXTS)[K][number] };
