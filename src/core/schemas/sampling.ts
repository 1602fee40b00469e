import { z } from 'zod';
import { UNSOLVED_KINDS } from '../sampling/buckets.ts';
import { BUDGET_KINDS } from '../sampling/budget.ts';
import { SamplingChoices, SamplingSettings, SourceMarkers } from '../sampling/settings.ts';
import { CostEstimate } from './cost.ts';
import { CALL_LIMITS, type PromptSet, Sampling, SMALL_ANSWER_TOKENS } from './generation.ts';
import { ModelRole } from './model-ref.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

/** How a sampled response is written where the dataset says nothing else: room for a whole chain, or for a small model's few sentences. */
export const RESPONSE_OF_PROMPT_SET: Readonly<Record<PromptSet, Sampling>> = {
  full: { temperature: 1, topP: 0.95, maxTokens: 4096 },
  small: { temperature: 0.8, topP: 0.95, maxTokens: SMALL_ANSWER_TOKENS },
};

/** Stage 2 settings of a dataset (`sampling` of longhand.json). */
export const SamplingDefaults = SamplingChoices.extend({
  /** Absent: that of the prompt set, see RESPONSE_OF_PROMPT_SET. */
  response: Sampling.optional(),
  ...CALL_LIMITS,
  /** The sentences that an export of both stages appends to its problems. */
  markers: SourceMarkers.prefault({}),
});
export type SamplingDefaults = z.infer<typeof SamplingDefaults>;

/** Why a problem isn't sampled: too improbable to be solved by what is left for it. */
export const DropReason = z.enum(['not-worth-sampling']);
export type DropReason = z.infer<typeof DropReason>;

/** What a round, or its problems in one bucket, is expected to use and to bring. */
export const ExpectedSampling = CostEstimate.omit({ completionTokensMax: true }).extend({
  problems: count,
  samples: amount,
  /** Correct responses drawn, and those left after selection. */
  correct: amount,
  kept: amount,
  /** Problems with at least one correct response. */
  solved: amount,
});
export type ExpectedSampling = z.infer<typeof ExpectedSampling>;

/** The part of a plan that only a sampling round has. With prompts, model and grading beside it, it is all that a resume needs. */
export const SamplingPlan = z.object({
  settings: SamplingSettings,
  response: Sampling,
  concurrency: z.number().int().min(1).max(512),
  idleTimeoutSeconds: z.number().int().min(5),
  role: ModelRole,
  /** In the order of `problemIds`: what earlier rounds of this model say, and the tokens of the request as they were reckoned. */
  problems: z.array(
    z.object({
      ...{ problemId: z.string(), attempts: count, successes: count, promptTokens: count },
      /** Earlier samples that were truncated or could not be graded. */
      ungraded: count.optional(),
      /** Those of `ungraded` that the token limit ended. */
      truncated: count.optional(),
    }),
  ),
  dropped: z.array(z.object({ problemId: z.string(), reason: DropReason })),
  expected: ExpectedSampling,
});
export type SamplingPlan = z.infer<typeof SamplingPlan>;

/** A problem whose gold answer, or its grading, is more likely wrong than its samples. See suspectGold (core/sampling). */
export const SuspectGoldRecord = z.object({
  problemId: z.string(),
  vote: z.array(z.object({ answer: z.string(), count })),
  share: z.number().min(0).max(1),
  answers: count,
});
export type SuspectGoldRecord = z.infer<typeof SuspectGoldRecord>;

/** How a round came to its end. */
export const SamplingEnd = z.discriminatedUnion('how', [
  z.object({ how: z.literal('finished') }),
  z.object({ how: z.literal('budget'), by: z.enum(BUDGET_KINDS) }),
  z.object({ how: z.literal('cancelled') }),
]);
export type SamplingEnd = z.infer<typeof SamplingEnd>;

/** Problems of one difficulty: with a mean pass rate in [from, to), or of one kind without a correct sample; see Bounds (core/sampling). */
const DifficultyCount = z.object({
  kind: z.enum(UNSOLVED_KINDS).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
  /** Problems of the round in this bucket before it, and after it. */
  before: count,
  after: count,
});
export type DifficultyCount = z.infer<typeof DifficultyCount>;

/** The part of a summary that only a sampling round has. */
export const SamplingSummary = z.object({
  ended: SamplingEnd,
  samples: count,
  requests: count,
  correct: count,
  incorrect: count,
  /** Replies that are no attempts: truncated without the correct answer, blocked by the provider, refused by the model, unfinished, empty. */
  truncated: count,
  blocked: count.default(0),
  refused: count.default(0),
  unfinished: count.default(0),
  empty: count.default(0),
  /** The grader could not tell. */
  ungraded: count,
  /** Correct responses left after filters and selection. */
  kept: count,
  /** Correct responses that were left out, by reason: `filters`, `length`, `same-equations`, `enough`. */
  left: z.record(z.string(), count),
  promptTokens: count,
  completionTokens: count,
  /** In the currency of the prices; absent while they are unknown. */
  cost: amount.optional(),
  /** The model ran on this machine: without prices, nothing was paid. */
  local: z.literal(true).optional(),
  /** Problems of the round with a correct response of this model, in any round before it, and after it. */
  covered: z.object({ before: count, after: count }),
  buckets: z.array(DifficultyCount),
  suspectGold: z.array(SuspectGoldRecord),
  /** Problems whose trusted answer can't be read, and those of which a request was given up. */
  unreadable: z.array(z.string()),
  failed: z.array(z.string()),
});
export type SamplingSummary = z.infer<typeof SamplingSummary>;
