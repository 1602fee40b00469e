import { z } from 'zod';
import { FILTER_IDS } from '../filters/ids.ts';
import { Behaviour, PieceName } from './chain.ts';
import { Prices } from './cost.ts';
import { CALL_LIMITS, PromptSet, SamplesPerRequest, Sampling, SMALL_ANSWER_TOKENS } from './generation.ts';
import { ModelRef } from './model-ref.ts';
import { GradingChoice } from './policy.ts';
import { SamplingDefaults } from './sampling.ts';

/** Candidates of each piece per problem; method.md's defaults. `answer2` and `check` are for every later turn. */
export const Tries = z.object({
  answer1: z.number().int().min(1).max(64).default(8).describe('First answers per problem.'),
  answer2: z.number().int().min(1).max(64).default(4).describe('Answers per later turn.'),
  check: z.number().int().min(1).max(16).default(2).describe('Tries per check, at most.'),
  summary: z.number().int().min(1).max(16).default(2).describe('Tries per summary, at most.'),
});
export type Tries = z.infer<typeof Tries>;

export const Asking = z.enum(['separate', 'dialogue']);

/** `hinted`: pieces after answer[1] see the gold answer. For unsolved problems only; their chains are marked. */
export const Mode = z.enum(['blind', 'hinted']);

/** Number of answers in a chain, h in method.md. */
export const Turns = z.number().int().min(2).max(5);

/** Settings of the assembly, which can be changed later without a model (docs/design/dialogue.md). */
const assembly = {
  keepPerProblem: z.number().int().min(1).max(20).default(3).describe('Chains kept per problem, at most.'),
  /** See applyQuota. */
  firstWrongShare: z
    .number()
    .min(0)
    .max(100)
    .default(50)
    .describe('Percent of kept chains whose first answer is wrong.'),
  untrained: z.array(PieceName).default(['answer[1]']).describe('Pieces that are context and not trained.'),
};

export const AssemblySettings = z.object(assembly);
export type AssemblySettings = z.infer<typeof AssemblySettings>;

/** Stage 1 settings of a dataset. */
export const DialogueSettings = z.object({
  asking: Asking.default('separate').describe('Separate calls, or one dialogue that sees all pieces before.'),
  mode: Mode.default('blind').describe('Blind, or hinted: later pieces see the gold answer.'),
  turns: Turns.default(2).describe('Answers per chain.'),
  tries: Tries.prefault({}),
  ...assembly,
  behavioursOff: z.array(Behaviour).default([]).describe('Behaviours that the prompts do not ask for.'),
  answer: Sampling.default({ temperature: 1, topP: 0.95, maxTokens: 2048 }).describe('Sampling of answers.'),
  check: Sampling.default({ temperature: 0.7, topP: 0.95, maxTokens: 1024 }).describe('Sampling of checks.'),
  summary: Sampling.default({ temperature: 0.7, topP: 0.95, maxTokens: 1024 }).describe('Sampling of summaries.'),
  concurrency: z.number().int().min(1).max(512).default(4).describe('Requests in flight, at most.'),
  /** Absent: see samplesPerRequestOf (runner). */
  samplesPerRequest: SamplesPerRequest.optional(),
  idleTimeoutSeconds: z
    .number()
    .int()
    .min(5)
    .default(300)
    .describe('Seconds of silence before a call ends and is tried again.'),
});
export type DialogueSettings = z.infer<typeof DialogueSettings>;

/** Defaults of a prompt set: full for models with long reasoning, small for models that follow short examples. */
export const DIALOGUE_OF_PROMPT_SET: Readonly<Record<PromptSet, DialogueSettings>> = {
  full: DialogueSettings.parse({}),
  small: DialogueSettings.parse({
    answer: { temperature: 0.8, topP: 0.95, maxTokens: SMALL_ANSWER_TOKENS },
    check: { temperature: 0.7, topP: 0.95, maxTokens: 160 },
    summary: { temperature: 0.7, topP: 0.95, maxTokens: 160 },
  }),
};

export const FilterId = z.enum(FILTER_IDS);
export type FilterId = z.infer<typeof FilterId>;

const share = z.number().min(0).max(1);
const rate = z.number().nonnegative().optional();

/** Thresholds of the filters; a test compares docs/reference/filters.md with these descriptions and defaults. */
export const FilterSettings = z.object({
  off: z.array(FilterId).default([]).describe('Ids of filters that do not run.'),
  minLength: z.number().int().nonnegative().default(20).describe('Characters that each piece has at least.'),
  maxRepetition: share.default(0.2).describe('Share of repeated word 20-grams that is too much.'),
  maxSameLine: z.number().int().min(2).default(4).describe('Occurrences of one line in the text that are too many.'),
  maxOverlap: share.default(0.8).describe('Jaccard similarity of two answers, by word 5-grams, that is too much.'),
  minLanguage: share.default(0.95).describe('Share of the words in the script of the problem, at least.'),
  maxFalseEquations: z.number().int().nonnegative().default(0).describe('Equalities that may fail to hold.'),
  contextTokens: z.number().int().positive().default(32_768).describe('Context of the model to be trained, in tokens.'),
  contextMargin: z.number().min(0).lt(1).default(0.1).describe('Share of the context that is kept free.'),
  bandLow: share.default(0.05).describe('Quantile of the round’s lengths below which a chain is too short.'),
  bandHigh: share.default(0.95).describe('Quantile above which it is too long.'),
  bandMinChains: z.number().int().min(2).default(20).describe('Chains that a round needs for such a band.'),
  behaviourRates: z
    .partialRecord(Behaviour, z.object({ min: rate, max: rate }))
    .default({})
    .describe(
      'By behaviour, the episodes per 1,000 tokens: `min`, `max` or both. A behaviour that is absent has no limit.',
    ),
  maxBranching: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Alternatives per 1,000 tokens that are allowed. Null is no limit.'),
});
export type FilterSettings = z.infer<typeof FilterSettings>;

/** Prices of a model at a host; see hostOf (roles.ts) and pricesOf (prices.ts). */
export const PricedModel = z.object({ host: z.string().min(1), model: z.string().min(1), ...Prices.shape });
export type PricedModel = z.infer<typeof PricedModel>;

/** The model that labels behaviours, and how it is asked. */
export const JudgeSettings = z.object({
  /** Absent: chosen for each judgement. */
  model: ModelRef.optional(),
  sentences: z.number().int().min(1).max(200).default(40).describe('Sentences to label in one call, at most.'),
  context: z.number().int().min(0).max(50).default(8).describe('Sentences before them that are shown for context.'),
  secondPass: z.boolean().default(false).describe('Whether the judge revises its own labels in a second call.'),
  /** `maxTokens` leaves space for reasoning; the answer itself is short. */
  sampling: Sampling.default({ temperature: 0, topP: 1, maxTokens: 4096 }).describe('Sampling of labels.'),
  ...CALL_LIMITS,
});
export type JudgeSettings = z.infer<typeof JudgeSettings>;

/** Limits of calls to models. They do not affect replies, so a resume uses the present ones. */
export const CallSettings = z.object({
  rateLimitMinutes: z
    .number()
    .positive()
    .max(1440)
    .default(10)
    .describe('Minutes of refused calls (429, 503, 529) before a round ends.'),
  graceSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe('Seconds that calls in flight have to end after a cancel or a failure.'),
  maxReplyMB: z.number().positive().max(256).default(16).describe('Megabytes (10⁶ bytes) of one reply, at most.'),
});
export type CallSettings = z.infer<typeof CallSettings>;

/** `longhand.json`. Its presence makes a folder a dataset. */
export const DatasetSettings = z.object({
  version: z.literal(1),
  /** Identifies the dataset's index. */
  id: z.string().min(8),
  name: z.string().min(1),
  /** The base model, which writes the chains and is trained. */
  model: ModelRef.optional(),
  /** The result of training. */
  fineTuned: ModelRef.optional(),
  prices: z.array(PricedModel).default([]).describe('Prices per million tokens, by host and model.'),
  promptSet: PromptSet.default('full').describe('Prompt set.'),
  dialogue: DialogueSettings.prefault({}),
  /** Stage 2: difficulty-aware sampling rounds. */
  sampling: SamplingDefaults.prefault({}),
  filters: FilterSettings.prefault({}),
  /** See resolvePolicy (core/grading). */
  grading: GradingChoice.default('default').describe('Grading policy: a name, or a base and switches.'),
  judge: JudgeSettings.optional(),
  classifier: z
    .enum(['dataset', 'shipped'])
    .default('dataset')
    .describe('Who marks behaviours: the classifier as updated from the labels of this dataset, or as shipped.'),
  calls: CallSettings.prefault({}),
});
export type DatasetSettings = z.infer<typeof DatasetSettings>;
