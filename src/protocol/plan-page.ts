import { z } from 'zod';
import { PAGE_REPORTS } from './page.ts';
import { PlanSamplingArgs, SamplingPlanReport } from './sampling.ts';

/** What the page of Plan Sampling Round may change; the dataset is the host's to know. */
export const PlanPageChoices = PlanSamplingArgs.omit({ dataset: true });
export type PlanPageChoices = z.infer<typeof PlanPageChoices>;

/** Something that went wrong, and what to do about it. */
/** What went wrong. `retry`: the plan is as it was, and can be carried out. */
export const Trouble = z.object({
  message: z.string(),
  advice: z.string().optional(),
  retry: z.literal(true).optional(),
});

/** Where the model is asked from, in words. */
const Place = z.object({
  title: z.string(),
  detail: z.string(),
  /** What may go wrong there, such as a cluster that anybody can send jobs to. */
  warning: z.string().optional(),
});
export type PlacePart = z.infer<typeof Place>;

/** Host to webview. A snapshot is whole: a hidden webview loses messages, and needs nothing but the next one. */
export const ToPlanPage = z.object({
  type: z.literal('snapshot'),
  dataset: z.string(),
  /** Names of the models; null where none is chosen. */
  base: z.string().nullable(),
  fineTuned: z.string().nullable(),
  choices: PlanPageChoices,
  /** Null: from this machine. */
  place: Place.nullable(),
  /** The last plan that could be made; stale while `planning`. Null before the first one. */
  report: SamplingPlanReport.nullable(),
  /** Number of the plan, also of one in work. */
  plan: z.number().int(),
  /** The plan changed in the moment of a press, which did nothing. */
  missed: z.boolean(),
  planning: z.boolean(),
  /** The round is being started: nothing can be changed any more. */
  starting: z.boolean(),
  trouble: Trouble.optional(),
});
export type ToPlanPage = z.infer<typeof ToPlanPage>;

/** Webview to host. */
export const FromPlanPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** All choices, not only what changed. */
  z.object({ type: z.literal('change'), choices: PlanPageChoices }),
  z.object({ type: z.literal('run'), plan: z.number().int() }),
  z.object({
    type: z.literal('command'),
    command: z.enum(['selectModel', 'setPrices', 'importProblems', 'choosePlace']),
  }),
  ...PAGE_REPORTS,
]);
export type FromPlanPage = z.infer<typeof FromPlanPage>;
