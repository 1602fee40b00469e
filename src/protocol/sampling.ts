import { z } from 'zod';
import { Budget, SamplingChoices, UNSOLVED_KINDS } from '../core/sampling/index.ts';
import {
  DropReason,
  EngineChoice,
  ExpectedSampling,
  ModelRef,
  ModelRole,
  Prices,
  RoundKind,
  SamplesPerRequest,
  Sampling,
} from '../core/schemas/index.ts';
import { dataset, flag, flags, responseSettings, roundChoice, sampledRole } from './arguments.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

const bounds = { kind: z.enum(UNSOLVED_KINDS).optional(), from: z.number().optional(), to: z.number().optional() };

/** What a sampling round is planned from: what is absent is the dataset's own (`sampling` of longhand.json). */
export const PlanSamplingArgs = z.object({
  dataset,
  problems: z.number().int().positive().optional().describe('limit of problems, least sampled by this model first'),
  ...roundChoice,
  /** Takes the place of `problems`, `policy` and `dropBelow`. */
  pilot: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('first samples N random problems a few times each, to measure the model; 20 are a good start'),
  role: sampledRole,
  policy: flags(
    z
      .union([z.enum(['cascade', 'uniform', 'prop2diff', 'gvm', 'adaptive']), z.record(z.string(), z.unknown())])
      .optional(),
    {
      policy: {
        at: '',
        value: 'NAME',
        help: 'cascade, uniform, prop2diff, gvm or adaptive, or JSON such as {"policy":"uniform","correct":2}',
      },
      stages: { value: '2,10,100', help: 'samples of each stage of a cascade' },
    },
  ),
  /** Each part replaces that part of the dataset's budget; null takes a part away. */
  budget: z
    .object({
      samples: Budget.shape.samples.nullable().describe('the round ends after N samples'),
      requests: Budget.shape.requests.nullable().describe('the round ends after N requests'),
      tokens: Budget.shape.tokens.nullable().describe('the round ends after N tokens, prompts and answers together'),
      money: Budget.shape.money.nullable().describe('the round ends after this cost, in the currency of the prices'),
      seconds: Budget.shape.seconds.nullable().describe('no request starts after N seconds'),
    })
    .partial()
    .optional(),
  /** Where neither this nor the dataset sets it: several if the last check of the endpoint found that it respects `n`. */
  samplesPerRequest: SamplesPerRequest.optional().describe('samples in one request, where the server supports it'),
  dropBelow: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('skips a problem that is solved with less than this probability; 0 skips none'),
  keep: z.number().int().min(1).max(10).optional().describe('correct responses kept per problem'),
  ...responseSettings,
});
export type PlanSamplingArgs = z.infer<typeof PlanSamplingArgs>;

/** What was taken for the length and the speed of an answer, and where it comes from. */
export const AssumedRate = z.object({
  completionTokens: amount,
  /** Over all requests in flight; absent while nothing was measured. */
  tokensPerSecond: amount.optional(),
  /** `guess`: half of the token limit, since this model has no finished round. */
  from: z.enum(['sampling', 'dialogue', 'guess']),
  /** The round that was measured. */
  round: z.string().optional(),
});
export type AssumedRate = z.infer<typeof AssumedRate>;

/** What the expected numbers of a plan rest on. */
const Evidence = z.object({
  /** Of the planned problems: those with graded samples of this model. */
  sampled: count,
  /** `flat`: every pass rate is taken to be equally likely; `measured`: as in the problems and samples below. */
  basis: z.enum(['flat', 'measured']),
  problems: count,
  samples: count,
  /** A planned problem was never sampled, and too few others were measured: the expected numbers rest on the prior. */
  restsOnPrior: z.boolean(),
});
export type Evidence = z.infer<typeof Evidence>;

const Range = z.object({ low: amount, high: amount });

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
  evidence: Evidence,
  /** This is the plan of a pilot. */
  pilot: z.literal(true).optional(),
  /** 90 % intervals of what is expected, over the mean pass rate of problems that were not sampled. */
  interval: z.object({ coveredAfter: Range, kept: Range, samples: Range }),
  /** Problems without a correct sample by kind, then from hard to easy by mean pass rate in [from, to). */
  buckets: z.array(ExpectedSampling.extend(bounds)),
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
  /** Truncated, or not gradable. */
  ungraded: count,
  /** Those of `ungraded` that the token limit ended. */
  truncated: count.default(0),
  /** Of the posterior Beta(1 + successes, 1 + failures), with its central 90 % interval. */
  mean: z.number().min(0).max(1),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
});
export type ProblemDifficulty = z.infer<typeof ProblemDifficulty>;

/** Problems of the dataset in one bucket; see Bounds (core/sampling). */
const BucketCount = z.object({ ...bounds, problems: count });
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

/** How the requests of a round are sent as jobs on an engine. */
export const BatchOptions = z.object({
  /** `vllm`: on the cluster's GPUs; `http` and `tasks`: against a URL. `tasks` when absent. */
  how: flag(
    z.enum(['vllm', 'http', 'tasks']).optional(),
    'on the engine: vllm, http (ray.data.llm) or tasks (plain Ray)',
    {
      value: 'WAY',
    },
  ),
  /** That of the round's model when absent. */
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('address of the endpoint, with /v1, as seen from the cluster'),
  /** The name of the round's model when absent. */
  model: flag(z.string().min(1).optional(), 'model that vLLM loads', { name: 'vllm-model', value: 'NAME' }),
  shards: z.number().int().min(1).max(1024).optional().describe('processes that send requests, or replicas of vLLM'),
  tensorParallel: z.number().int().min(1).max(64).optional().describe('GPUs of one replica'),
  maxModelLen: z.number().int().min(1).optional().describe('max length of prompt and answer in tokens, for vLLM'),
  /** They win over what Longhand sets. */
  vllmArgs: z
    .record(z.string(), z.json())
    .optional()
    .describe('more arguments of vLLM, such as {"gpu_memory_utilization":0.5}'),
  timeout: flag(z.number().positive().optional(), 'time limit of one answer in seconds', { name: 'answer-timeout' }),
  /** `python` when absent. */
  python: flag(
    z.array(z.string().min(1)).min(1).optional(),
    'command that starts Python with Ray on the cluster, separated by commas',
    {
      value: 'WORDS',
    },
  ),
});
export type BatchOptions = z.infer<typeof BatchOptions>;

/** The engine that sends the requests of a sampling round, and how. */
export const RoundPlace = z.object({ engine: EngineChoice, batch: BatchOptions });
export type RoundPlace = z.infer<typeof RoundPlace>;

/** How difficult the problems of a dataset are for a model. */
export const DifficultyReport = z.object({
  model: ModelRef,
  role: ModelRole,
  problems: z.array(ProblemDifficulty),
  covered: count,
  rounds: z.array(RoundDifficulty),
  svg: z.string().optional(),
  csv: z.string().optional(),
  roundsCsv: z.string().optional(),
});
