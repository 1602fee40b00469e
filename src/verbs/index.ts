import type { VerbName } from '../protocol/verbs.ts';
import { annotate } from './annotate.ts';
import { calibrate } from './calibrate.ts';
import { cancel } from './cancel.ts';
import { checkEndpointVerb } from './check-endpoint.ts';
import { compareEvaluationsVerb } from './compare-evaluations.ts';
import { compareGradings } from './compare-gradings.ts';
import type { Verb } from './context.ts';
import { difficulty } from './difficulty.ts';
import { evaluate } from './evaluate.ts';
import { exportTrainingSet } from './export.ts';
import { generate } from './generate.ts';
import { grade } from './grade.ts';
import { importProblems } from './import.ts';
import { importTraces } from './import-traces.ts';
import { init } from './init.ts';
import { judge } from './judge.ts';
import { model } from './model.ts';
import { plan } from './plan.ts';
import { planSamplingRound } from './plan-sampling.ts';
import { policy } from './policy.ts';
import { prices } from './prices.ts';
import { reassemble } from './reassemble.ts';
import { refilter } from './refilter.ts';
import { regrade } from './regrade.ts';
import { resume } from './resume.ts';
import { sample } from './sample.ts';
import { sampleRound } from './sample-round.ts';
import { starter } from './starter.ts';
import { status } from './status.ts';
import { tryOne } from './try.ts';

export { type Verb, type VerbContext, VerbError } from './context.ts';

/** What runs for each verb of the command line. */
export const verbs: { readonly [V in VerbName]: Verb<V> } = {
  init,
  sample,
  model,
  prices,
  'check-endpoint': checkEndpointVerb,
  import: importProblems,
  'import-traces': importTraces,
  plan,
  generate,
  resume,
  judge,
  'plan-sampling': planSamplingRound,
  'sample-round': sampleRound,
  difficulty,
  try: tryOne,
  cancel,
  status,
  grade,
  annotate,
  'compare-gradings': compareGradings,
  policy,
  reassemble,
  regrade,
  refilter,
  evaluate,
  'compare-evaluations': compareEvaluationsVerb,
  starter,
  calibrate,
  export: exportTrainingSet,
};
