import { z } from 'zod';
import {
  DropReason,
  EngineChoice,
  ExpectedSampling,
  ModelRef,
  ModelRole,
  Prices,
  RoundKind,
  RoundSummary,
  SamplesPerRequest,
  Sampling,
} from '../core/model/index.ts';
import { Budget, SamplingChoices } from '../core/sampling/index.ts';

const dataset = z.string().min(1);
const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

/** What a sampling round is planned from: what is absent is the dataset's own (`sampling` of longhand.json). */
export const PlanSamplingArgs = z.object({
  dataset,
  /** At most so many problems, those that this model was asked least first; all when absent. */
  problems: z.number().int().positive().optional(),
  /** Only problems with one of these levels or topics; all when absent. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  name: z.string().optional(),
  seed: count.optional(),
  /** Which model is sampled; the fine-tuned one when absent, or the base model where there is none. */
  role: ModelRole.optional(),
  /** A policy by its name, or with some of its settings, such as `{"policy":"cascade","stages":[2,4,8]}`. */
  policy: z
    .union([z.enum(['cascade', 'uniform', 'prop2diff', 'gvm', 'adaptive']), z.record(z.string(), z.unknown())])
    .optional(),
  /** Each part replaces that part of the dataset's budget; null takes a part away. */
  budget: z
    .object({
      samples: Budget.shape.samples.nullable(),
      requests: Budget.shape.requests.nullable(),
      tokens: Budget.shape.tokens.nullable(),
      money: Budget.shape.money.nullable(),
      seconds: Budget.shape.seconds.nullable(),
    })
    .partial()
    .optional(),
  /** Where neither this nor the dataset says it: several where the last check of the endpoint found that it honours `n`. */
  samplesPerRequest: SamplesPerRequest.optional(),
  dropBelow: z.number().min(0).max(1).optional(),
  /** Correct responses kept per problem. */
  keep: z.number().int().min(1).max(10).optional(),
  response: Sampling.partial().optional(),
  concurrency: z.number().int().min(1).max(512).optional(),
});
export type PlanSamplingArgs = z.infer<typeof PlanSamplingArgs>;

/** What was taken for the length and the speed of an answer, and where it comes from. */
export const AssumedRate = z.object({
  completionTokens: amount,
  /** Over all requests in flight; absent while nothing was measured. */
  tokensPerSecond: amount.optional(),
  /** `guess`: half of the token limit, since this model has no round yet. */
  from: z.enum(['sampling', 'dialogue', 'guess']),
  /** The round that was measured. */
  round: z.string().optional(),
});
export type AssumedRate = z.infer<typeof AssumedRate>;

/** What a round would ask for; nothing is written. */
export const SamplingPlanReport = z.object({
  /** The name that it would get. */
  round: z.string(),
  model: ModelRef,
  role: ModelRole,
  /** All settings with the overrides applied, for a page to show. */
  settings: SamplingChoices,
  prices: Prices.optional(),
  response: Sampling,
  concurrency: count,
  seed: count,
  problems: count,
  /** Problems left out, and the reason. */
  dropped: z.array(z.object({ problemId: z.string(), reason: DropReason })),
  /** Of the problems, dropped ones too: with a correct response of this model in an earlier round. */
  covered: count,
  /** Problems with a correct response after the round, in expectation: of this model, in any round. */
  coveredAfter: amount,
  rate: AssumedRate,
  /** From hard to easy by mean pass rate in [from, to); first those that were never sampled, without bounds. */
  buckets: z.array(ExpectedSampling.extend({ from: z.number().optional(), to: z.number().optional() })),
  total: ExpectedSampling,
  /** The part of the budget that ends the round before its policy does; absent where none does. */
  endedBy: z.enum(['samples', 'requests', 'tokens', 'money', 'seconds']).optional(),
});
export type SamplingPlanReport = z.infer<typeof SamplingPlanReport>;

/** How difficult one problem is for the model that is sampled. */
export const ProblemDifficulty = z.object({
  problemId: z.string(),
  attempts: count,
  successes: count,
  /** Truncated, or the grader could not tell. */
  ungraded: count,
  /** Of the posterior Beta(1 + successes, 1 + failures), with its central 90 % interval. */
  mean: z.number().min(0).max(1),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
});
export type ProblemDifficulty = z.infer<typeof ProblemDifficulty>;

/** Problems of the dataset in one bucket; both bounds absent: never sampled. */
export const BucketCount = z.object({ from: z.number().optional(), to: z.number().optional(), problems: count });
export type BucketCount = z.infer<typeof BucketCount>;

/** What one round did to coverage and difficulty. */
export const RoundDifficulty = z.object({
  round: z.string(),
  kind: RoundKind,
  /** Problems that it asked for. */
  problems: count,
  /** Graded or not. */
  samples: count,
  correct: count,
  /** Problems of the dataset with a correct response before and after it. */
  covered: z.object({ before: count, after: count }),
  before: z.array(BucketCount),
  after: z.array(BucketCount),
});
export type RoundDifficulty = z.infer<typeof RoundDifficulty>;

/** How the requests of a round are asked for as jobs on an engine. */
export const BatchOptions = z.object({
  /** `vllm`: on the cluster's GPUs; `http` and `tasks`: against a URL, by ray.data.llm or by plain Ray tasks, which is what is done when absent. */
  how: z.enum(['vllm', 'http', 'tasks']).optional(),
  /** Of the endpoint, up to and including `/v1`, as the cluster sees it; that of the round's model when absent. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** What vLLM loads; the name of the round's model when absent. */
  model: z.string().min(1).optional(),
  /** Processes over which requests are spread, or replicas of vLLM. */
  shards: z.number().int().min(1).max(1024).optional(),
  tensorParallel: z.number().int().min(1).max(64).optional(),
  maxModelLen: z.number().int().min(1).optional(),
  /** More arguments of vLLM's engine, such as `gpu_memory_utilization`; they win over what Longhand sets. */
  vllmArgs: z.record(z.string(), z.json()).optional(),
  /** Seconds that one answer may take. */
  timeout: z.number().positive().optional(),
  /** Words that start Python with Ray there; `python` when absent. */
  python: z.array(z.string().min(1)).min(1).optional(),
});
export type BatchOptions = z.infer<typeof BatchOptions>;

/** An engine that asks the model of a sampling round, and how. */
export const RoundPlace = z.object({ engine: EngineChoice, batch: BatchOptions });
export type RoundPlace = z.infer<typeof RoundPlace>;

/** Where a round is asked for, when not from this machine. */
const ON_ENGINE = {
  engine: EngineChoice.optional(),
  /** With an engine only. */
  batch: BatchOptions.optional(),
} as const;

export const ResumeArgs = z.object({
  dataset,
  round: z.string(),
  /** Of a sampling round: asks there for what is left. Batches that were begun are brought home in any case. */
  ...ON_ENGINE,
  detach: z.boolean().optional(),
});

/** Verbs of stage 2, part of VERBS. */
export const SAMPLING_VERBS = {
  'plan-sampling': {
    summary: 'Show what a sampling round would ask for, cost and bring, without running it',
    args: PlanSamplingArgs,
    result: SamplingPlanReport,
  },
  'sample-round': {
    summary: 'Plan a difficulty-aware sampling round and run it',
    args: PlanSamplingArgs.extend({
      ...ON_ENGINE,
      /** Return as soon as the runner process has begun. */
      detach: z.boolean().optional(),
    }),
    result: z.union([RoundSummary, z.object({ round: z.string(), pid: z.number().int() })]),
  },
  difficulty: {
    summary: 'Show how difficult the problems are for a model, and what each round changed',
    args: z.object({
      dataset,
      /** For which model; as for plan-sampling when absent. */
      role: ModelRole.optional(),
      /** Where a picture, a table of the problems and one of the rounds are written; none when absent. */
      svg: z.string().min(1).optional(),
      csv: z.string().min(1).optional(),
      roundsCsv: z.string().min(1).optional(),
    }),
    result: z.object({
      model: ModelRef,
      role: ModelRole,
      problems: z.array(ProblemDifficulty),
      covered: count,
      rounds: z.array(RoundDifficulty),
      svg: z.string().optional(),
      csv: z.string().optional(),
      roundsCsv: z.string().optional(),
    }),
  },
} as const;
