import type { z } from 'zod';
import type { VerbContext } from './context.ts';
import { datasetVerbs } from './dataset/verbs.ts';
import { dialogueVerbs } from './dialogue/verbs.ts';
import { evaluationVerbs } from './evaluation/verbs.ts';
import { exportVerbs } from './export/verbs.ts';
import { gradingVerbs } from './grading/verbs.ts';
import { modelVerbs } from './models/verbs.ts';
import { reviewVerbs } from './review/verbs.ts';
import { samplingVerbs } from './sampling/verbs.ts';
import { selectionVerbs } from './selections/verbs.ts';
import { servingVerbs } from './serving/verbs.ts';
import { trainingVerbs } from './training/verbs.ts';

/** All verbs of `longhand`. The command line reads flags into `args`; the extension host runs the command line. Bodies are loaded when they run. */
export const VERBS = {
  ...datasetVerbs,
  ...modelVerbs,
  ...dialogueVerbs,
  ...samplingVerbs,
  ...gradingVerbs,
  ...reviewVerbs,
  ...evaluationVerbs,
  ...exportVerbs,
  ...trainingVerbs,
  ...servingVerbs,
  ...selectionVerbs,
} as const;

export type VerbName = keyof typeof VERBS;
export type VerbArgs<V extends VerbName> = z.infer<(typeof VERBS)[V]['args']>;
export type VerbResult<V extends VerbName> = z.infer<(typeof VERBS)[V]['result']>;

/** The work of a verb. Rejects when it fails or is cancelled. */
export type Run<V extends VerbName> = (args: VerbArgs<V>, context: VerbContext) => Promise<VerbResult<V>>;
/** The result for a terminal. */
export type Print<V extends VerbName> = (result: VerbResult<V>) => string;

/** The exports of a verb's module. */
export interface VerbBody<V extends VerbName> {
  readonly run: Run<V>;
  readonly print: Print<V>;
}

const BODIES: { readonly [V in VerbName]: { readonly load: () => Promise<VerbBody<V>> } } = VERBS;

/** Loads the body of a verb. */
export function loadVerb<V extends VerbName>(verb: V): Promise<VerbBody<V>> {
  return BODIES[verb].load();
}

export function isVerb(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}
