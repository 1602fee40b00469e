import type { VerbName } from '../protocol/verbs.ts';
import type { Verb } from './context.ts';

export { type Verb, type VerbContext, VerbError } from './context.ts';

/**
 * Loads what runs for each verb of the command line. Each in a chunk of its own: the process of a round, or a verb that the editor waits for, reads a
 * fraction of the whole.
 */
export const verbs: { readonly [V in VerbName]: () => Promise<Verb<V>> } = {
  init: async () => (await import('./init.ts')).init,
  sample: async () => (await import('./sample.ts')).sample,
  model: async () => (await import('./model.ts')).model,
  prices: async () => (await import('./prices.ts')).prices,
  'check-endpoint': async () => (await import('./check-endpoint.ts')).checkEndpointVerb,
  preview: async () => (await import('./preview.ts')).preview,
  import: async () => (await import('./import.ts')).importProblems,
  'import-traces': async () => (await import('./import-traces.ts')).importTraces,
  plan: async () => (await import('./plan.ts')).plan,
  generate: async () => (await import('./generate.ts')).generate,
  resume: async () => (await import('./resume.ts')).resume,
  judge: async () => (await import('./judge.ts')).judge,
  'plan-sampling': async () => (await import('./plan-sampling.ts')).planSamplingRound,
  'sample-round': async () => (await import('./sample-round.ts')).sampleRound,
  difficulty: async () => (await import('./difficulty.ts')).difficulty,
  try: async () => (await import('./try.ts')).tryOne,
  cancel: async () => (await import('./cancel.ts')).cancel,
  status: async () => (await import('./status.ts')).status,
  grade: async () => (await import('./grade.ts')).grade,
  annotate: async () => (await import('./annotate.ts')).annotate,
  'compare-gradings': async () => (await import('./compare-gradings.ts')).compareGradings,
  policy: async () => (await import('./policy.ts')).policy,
  reassemble: async () => (await import('./reassemble.ts')).reassemble,
  regrade: async () => (await import('./regrade.ts')).regrade,
  refilter: async () => (await import('./refilter.ts')).refilter,
  evaluate: async () => (await import('./evaluate.ts')).evaluate,
  'compare-evaluations': async () => (await import('./compare-evaluations.ts')).compareEvaluationsVerb,
  train: async () => (await import('./train.ts')).train,
  runs: async () => (await import('./runs.ts')).runs,
  run: async () => (await import('./run.ts')).run,
  'run-log': async () => (await import('./run-log.ts')).runLog,
  'hosted-job': async () => (await import('./hosted-job.ts')).hostedJob,
  'stop-run': async () => (await import('./stop-run.ts')).stopRun,
  loss: async () => (await import('./loss.ts')).loss,
  'resume-run': async () => (await import('./resume-run.ts')).resumeRun,
  'check-template': async () => (await import('./check-template.ts')).checkTemplate,
  'trainer-env': async () => (await import('./trainer-env.ts')).trainerEnv,
  serve: async () => (await import('./serve.ts')).serve,
  starter: async () => (await import('./starter.ts')).starter,
  calibrate: async () => (await import('./calibrate.ts')).calibrate,
  export: async () => (await import('./export.ts')).exportTrainingSet,
};
