import { z } from 'zod';
import { Behaviour, PieceName } from './chain.ts';
import { Prices } from './cost.ts';
import { SamplesPerRequest, Sampling } from './generation.ts';
import { ModelRef } from './model-ref.ts';
import { GradingChoice } from './policy.ts';
import { PromptSet } from './prompt-set.ts';
import { SamplingDefaults } from './sampling.ts';

/** How many candidates of each piece are tried for one problem; method.md's defaults. `answer2` and `check` hold for every later turn. */
export const Tries = z.object({
  answer1: z.number().int().min(1).max(64).default(8),
  answer2: z.number().int().min(1).max(64).default(4),
  check: z.number().int().min(1).max(16).default(2),
  summary: z.number().int().min(1).max(16).default(2),
});
export type Tries = z.infer<typeof Tries>;

export const Asking = z.enum(['separate', 'dialogue']);

/** `hinted`: the pieces after answer[1] are told the trusted answer. Only for problems that nothing has solved; their chains are marked. */
export const Mode = z.enum(['blind', 'hinted']);

/** Number of answers in a chain, h in method.md. */
export const Turns = z.number().int().min(2).max(5);

/** What decides how pieces become a training set; all of it can be changed later, without a model (docs/dialogue.md). */
const assembly = {
  /** Chains kept per problem, at most. */
  keepPerProblem: z.number().int().min(1).max(20).default(3),
  /** Percent of the kept chains whose first answer is wrong; see applyQuota. */
  firstWrongShare: z.number().min(0).max(100).default(50),
  /** The loss mask: pieces that are context, not training target. */
  untrained: z.array(PieceName).default(['answer[1]']),
};

/** See `assembly` above. */
export const AssemblySettings = z.object(assembly);
export type AssemblySettings = z.infer<typeof AssemblySettings>;

/** Stage 1 settings of a dataset. */
export const DialogueSettings = z.object({
  asking: Asking.default('separate'),
  mode: Mode.default('blind'),
  turns: Turns.default(2),
  tries: Tries.prefault({}),
  ...assembly,
  /** Behaviours whose prompt fragment is left out: an ablation. */
  behavioursOff: z.array(Behaviour).default([]),
  answer: Sampling.default({ temperature: 1, topP: 0.95, maxTokens: 2048 }),
  check: Sampling.default({ temperature: 0.7, topP: 0.95, maxTokens: 1024 }),
  summary: Sampling.default({ temperature: 0.7, topP: 0.95, maxTokens: 1024 }),
  /** Requests in flight. */
  concurrency: z.number().int().min(1).max(512).default(4),
  /** Candidates of an answer asked for in one request; absent: see samplesPerRequestOf (runner). */
  samplesPerRequest: SamplesPerRequest.optional(),
  /** Seconds without an answer before a call is given up and retried. */
  idleTimeoutSeconds: z.number().int().min(5).default(300),
});
export type DialogueSettings = z.infer<typeof DialogueSettings>;

/**
 * What a prompt set is made for: the full one for models that think at length, the small one for models that answer in a few
 * sentences after worked examples and lose themselves in anything longer.
 */
export const DIALOGUE_OF_PROMPT_SET: Readonly<Record<PromptSet, DialogueSettings>> = {
  full: DialogueSettings.parse({}),
  small: DialogueSettings.parse({
    answer: { temperature: 0.8, topP: 0.95, maxTokens: 160 },
    check: { temperature: 0.7, topP: 0.95, maxTokens: 160 },
    summary: { temperature: 0.7, topP: 0.95, maxTokens: 160 },
  }),
};

/** Ids of the filters, in the order in which a reader sees them; core/filters has one rule for each. */
export const FILTER_IDS = [
  'gradable',
  'final-correct',
  'verdict-consistent',
  'choice-consistent',
  'one-box',
  'min-length',
  'finished',
  'no-leak',
  'repetition',
  'independent',
  'language',
  'equations',
  'context',
  'length-band',
  'decontaminated',
] as const;
export const FilterId = z.enum(FILTER_IDS);
export type FilterId = z.infer<typeof FilterId>;

const share = z.number().min(0).max(1);

/** Thresholds of the filters, as data; docs/filters.md is checked against the descriptions and defaults that stand here. */
export const FilterSettings = z.object({
  off: z.array(FilterId).default([]).describe('Ids of filters that do not run.'),
  minLength: z.number().int().nonnegative().default(20).describe('Characters that each piece has at least.'),
  maxRepetition: share.default(0.2).describe('Share of repeated word 20-grams that is too much.'),
  maxSameLine: z.number().int().min(2).default(4).describe('Times that one line stands in the text that are too many.'),
  maxOverlap: share.default(0.8).describe('Jaccard similarity of two answers, by word 5-grams, that is too much.'),
  minLanguage: share.default(0.95).describe('Share of the words in the script of the problem, at least.'),
  maxFalseEquations: z.number().int().nonnegative().default(0).describe('Equalities that may fail to hold.'),
  contextTokens: z.number().int().positive().default(32_768).describe('Tokens that the model to be trained can read.'),
  contextMargin: z.number().min(0).lt(1).default(0.1).describe('Share of them that is kept free.'),
  bandLow: share.default(0.05).describe('Quantile of the round’s lengths below which a chain is too short.'),
  bandHigh: share.default(0.95).describe('Quantile above which it is too long.'),
  bandMinChains: z.number().int().min(2).default(20).describe('Chains that a round needs for such a band.'),
});
export type FilterSettings = z.infer<typeof FilterSettings>;

/** Prices of one model at one place; see hostOf (roles.ts) and pricesOf (prices.ts). */
export const PricedModel = z.object({ host: z.string().min(1), model: z.string().min(1), ...Prices.shape });
export type PricedModel = z.infer<typeof PricedModel>;

/** The model that labels behaviours, and how it is asked. */
export const JudgeSettings = z.object({
  /** Absent: it is named at each run. */
  model: ModelRef.optional(),
  /** Sentences asked about in one call, at most. */
  sentences: z.number().int().min(1).max(200).default(40),
  /** Sentences before them that are shown and not asked about. */
  context: z.number().int().min(0).max(50).default(8),
  /** `maxTokens` leaves room for a model that thinks before it answers; the answer itself is short. */
  sampling: Sampling.default({ temperature: 0, topP: 1, maxTokens: 4096 }),
  /** Requests in flight. */
  concurrency: z.number().int().min(1).max(512).default(4),
  /** Seconds without an answer before a call is given up and retried. */
  idleTimeoutSeconds: z.number().int().min(5).default(300),
});
export type JudgeSettings = z.infer<typeof JudgeSettings>;

/** `longhand.json`. Its presence makes a folder a dataset. */
export const DatasetSettings = z.object({
  version: z.literal(1),
  /** Tells this dataset's index from another's; made once. */
  id: z.string().min(8),
  name: z.string().min(1),
  /** The base model: it writes the chains, and training begins from it. */
  model: ModelRef.optional(),
  /** The model that came out of training. */
  fineTuned: ModelRef.optional(),
  /** What models cost; one that is not here costs an unknown sum. */
  prices: z.array(PricedModel).default([]),
  promptSet: PromptSet.default('full'),
  dialogue: DialogueSettings.prefault({}),
  /** Stage 2: difficulty-aware sampling rounds. */
  sampling: SamplingDefaults.prefault({}),
  filters: FilterSettings.prefault({}),
  /** A policy by its name, or by its switches; resolvePolicy (core/answers) sets all of them. */
  grading: GradingChoice.default('default'),
  judge: JudgeSettings.optional(),
});
export type DatasetSettings = z.infer<typeof DatasetSettings>;
