import { z } from 'zod';
import { CalibrationReport } from '../core/calibration/model.ts';
import {
  Behaviour,
  ColumnMapping,
  GradingChoice,
  GradingCounts,
  GradingPolicy,
  HubOrigin,
  ModelRef,
  PolicyName,
  ProgressLine,
  RoundPlan,
  RoundSummary,
} from '../core/model/index.ts';
import { PlanArgs, ReassembleArgs, ReassembleResult } from './dialogue-verbs.ts';
import { EVALUATION_VERBS } from './evaluation.ts';
import { EXPORT } from './export.ts';
import { FILTER_VERBS } from './filter-verbs.ts';
import { LOSS } from './loss.ts';
import { MODEL_VERBS } from './model-verbs.ts';
import { RoundStatus } from './runner.ts';
import { ResumeArgs, SAMPLING_VERBS } from './sampling.ts';
import { SERVING_VERBS } from './serving.ts';
import { TRAINING_VERBS } from './training.ts';
import { TRY, TryEvent } from './workbench.ts';

/** A line (JSONL, CSV) or element (JSON array) that could not be used; `line` counts from 1. */
export const BadLine = z.object({ line: z.number().int().positive(), reason: z.string() });
export type BadLine = z.infer<typeof BadLine>;

const dataset = z.string().min(1);
const count = z.number().int().nonnegative();

/** What judging would ask for. Costs are in the currency of the prices, null where these are unknown. */
export const JudgePlan = z.object({
  model: ModelRef,
  /** Chains to be judged, and those left out because this judge has judged them. */
  chains: count,
  judged: count,
  sentences: count,
  windows: count,
  /** Calls to be paid for when every answer can be used, and windows that the journal or another chain answers. */
  requests: count,
  reused: count,
  promptTokens: count,
  completionTokens: count,
  /** Every request tried as often as it may be, and as long as it may be. */
  completionTokensMax: count,
  /** Completion tokens are reckoned from earlier calls of this model; otherwise without any thinking before the answer. */
  measured: z.boolean(),
  cost: z.number().nonnegative().nullable(),
});
export type JudgePlan = z.infer<typeof JudgePlan>;

/** What came of judging. */
export const JudgeSummary = z.object({
  chains: count,
  sentences: count,
  /** Sentences that carry each kind. */
  labels: z.record(Behaviour, count),
  /** Windows without a usable answer, and the first of them. */
  failedWindows: count,
  failed: z.array(z.object({ chainId: z.string(), from: count, to: count, reason: z.string() })),
  /** Sentences of which judge and detectors say different things, and chains that have any. */
  differ: count,
  differingChains: count,
  /** Calls paid for, and those that the journal answered. */
  calls: count,
  reused: count,
  retries: count,
  promptTokens: count,
  completionTokens: count,
  cost: z.number().nonnegative().nullable(),
  seconds: z.number().nonnegative(),
});
export type JudgeSummary = z.infer<typeof JudgeSummary>;

/** A policy by its name or another name of its convention, or a record of switches; see readPolicy (core/answers/policies.ts). */
const policy = z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional();
/** Threads; one for each core when absent. */
const workers = z.number().int().min(1).max(256).optional();
const goldKey = z.string().min(1).default('gold');
const predictionKey = z.string().min(1).default('prediction');
const GradedSide = z.object({
  verdict: z.string(),
  extracted: z.string().optional(),
  method: z.string().optional(),
  detail: z.string().optional(),
});
const counts = z.record(z.string(), z.number().int().nonnegative());
const Detached = z.object({ round: z.string(), pid: z.number().int() });

/**
 * Every verb of `longhand`: what goes in, what comes out. The command line reads flags into `args`; the extension host spawns the
 * command line, so that an import or a round is one piece of code whoever asks for it.
 */
export const VERBS = {
  init: {
    summary: 'Make a folder a dataset',
    args: z.object({ dataset, name: z.string().optional() }),
    result: z.object({ dataset: z.string(), id: z.string() }),
  },
  sample: {
    summary: 'Copy the sample dataset into a folder that does not exist yet or is empty',
    args: z.object({ dataset }),
    result: z.object({ dataset: z.string(), problems: z.number().int(), chains: z.number().int() }),
  },
  ...MODEL_VERBS,
  preview: {
    summary: 'Show the first rows of a file, or of a set on the Hugging Face hub, and what its columns are taken for',
    args: z.object({ /** Path, or `hf:…`; see parseHubName. */ file: z.string().min(1) }),
    result: z.object({
      format: z.string(),
      rows: z.array(z.unknown()),
      /** Or why the columns are not recognised. */
      mapping: ColumnMapping.optional(),
      reason: z.string().optional(),
      hub: HubOrigin.optional(),
    }),
  },
  import: {
    summary: 'Import problems from JSONL, JSON, CSV or Parquet, or a set on the Hugging Face hub',
    args: z.object({
      dataset,
      /** Path, or `hf:…`; see parseHubName. */
      file: z.string(),
      mapping: ColumnMapping.optional(),
      name: z.string().optional(),
      /** Into `benchmarks/`: problems that must not be trained on. */ benchmark: z.boolean().optional(),
    }),
    result: z.object({
      file: z.string(),
      rows: z.number().int(),
      imported: z.number().int(),
      duplicates: z.number().int(),
      bad: z.array(BadLine),
      seconds: z.number(),
    }),
  },
  'import-traces': {
    summary: 'Import chains of thought: messages, prompt/completion, generations or problem/trace rows',
    args: z.object({
      dataset,
      /** Path, or `hf:…`; see parseHubName. */ file: z.string(),
      name: z.string().optional(),
    }),
    result: z.object({
      round: z.string(),
      rows: z.number().int(),
      traces: z.number().int(),
      newProblems: z.number().int(),
      duplicates: z.number().int(),
      outcomes: z.record(z.string(), z.number().int()),
      passed: z.number().int(),
      bad: z.array(BadLine),
      seconds: z.number(),
    }),
  },
  plan: {
    summary: 'Show what a round would ask for, without running it',
    args: PlanArgs,
    result: RoundPlan,
  },
  generate: {
    summary: 'Plan a round and run it',
    args: PlanArgs.extend({
      /** Return as soon as the runner process has begun. */
      detach: z.boolean().optional(),
    }),
    result: z.union([RoundSummary, Detached]),
  },
  resume: {
    summary: 'Go on with a round whose runner stopped; calls in its journal are not paid again',
    args: ResumeArgs,
    result: z.union([RoundSummary, Detached]),
  },
  judge: {
    summary: 'Let a model label the behaviours of chains; calls in its journal are not paid again',
    args: z.object({
      dataset,
      rounds: z.array(z.string()).optional(),
      chains: z.array(z.string()).optional(),
      /** At most so many chains that this judge has not judged yet. */
      limit: z.number().int().positive().optional(),
      /** Say what it would ask for, and ask nothing. */
      plan: z.boolean().optional(),
      /** That of the dataset's `judge` when absent. */
      model: ModelRef.optional(),
    }),
    /** Without a summary when only the plan was wanted, or nothing is left to judge. */
    result: z.object({ plan: JudgePlan, summary: JudgeSummary.optional() }),
  },
  ...SAMPLING_VERBS,
  try: TRY,
  cancel: {
    summary: 'Stop a running round at the next call; it can be resumed',
    args: z.object({ dataset, round: z.string() }),
    result: z.object({ round: z.string(), state: z.string() }),
  },
  status: {
    summary: 'Say how a dataset and its rounds stand',
    args: z.object({ dataset }),
    result: z.object({
      dataset: z.string(),
      name: z.string(),
      problems: z.number().int(),
      chains: z.number().int(),
      accepted: z.number().int(),
      rejected: z.number().int(),
      pending: z.number().int(),
      rounds: z.array(RoundStatus),
    }),
  },
  grade: {
    summary: 'Grade rows of JSONL that hold a gold answer and a prediction; the same rows come out with their verdicts',
    args: z.object({
      /** `-` is stdin. */
      file: z.string().min(1),
      /** For rows that bring none; `default` when absent. */
      policy,
      goldKey,
      predictionKey,
      workers,
      /** Where the rows go; stdout when absent. */
      out: z.string().min(1).optional(),
    }),
    result: z.object({
      rows: z.number().int(),
      outcomes: counts,
      methods: counts,
      /** Names of the policies that rows were graded by. */
      policies: counts,
      out: z.string().optional(),
      workers: z.number().int(),
      seconds: z.number(),
      /** Computing time of one row in milliseconds. */
      ms: z.object({ mean: z.number(), max: z.number() }),
    }),
  },
  annotate: {
    summary:
      'Mark sentences, behaviours and candidate answers in rows of JSONL that hold a text; the same rows come out with them',
    args: z.object({
      /** `-` is stdin. */
      file: z.string().min(1),
      textKey: z.string().min(1).default('text'),
      /** By which candidates are compared with a row's `gold`. */
      policy,
      workers,
      /** Where the rows go; stdout when absent. */
      out: z.string().min(1).optional(),
    }),
    result: z.object({
      rows: z.number().int(),
      /** Rows without a text. */
      bad: z.number().int(),
      characters: z.number().int(),
      sentences: z.number().int(),
      spans: z.record(Behaviour, z.number().int()),
      candidates: z.number().int(),
      out: z.string().optional(),
      seconds: z.number(),
    }),
  },
  'compare-gradings': {
    summary: 'Say what flipped between two gradings: files that grade wrote, or folders of gradings/',
    args: z.object({
      a: z.string().min(1),
      b: z.string().min(1),
      goldKey,
      predictionKey,
      /** Flips that are listed with their texts. */
      limit: z.number().int().nonnegative().default(1000),
    }),
    result: z.object({
      a: z.string(),
      b: z.string(),
      /** By the rows' own ids where all have one, else row by row. */
      matchedBy: z.enum(['id', 'order']),
      /** Rows that are in both. */
      rows: z.number().int(),
      flipped: z.number().int(),
      /** By `verdict in A → verdict in B`. */
      flips: counts,
      onlyA: z.number().int(),
      onlyB: z.number().int(),
      /** Matched rows whose gold is not the same text: perhaps not the same rows. */
      otherGold: z.number().int(),
      listed: z.array(
        z.object({
          id: z.string(),
          gold: z.string(),
          otherGold: z.string().optional(),
          /** Its last part, where the file has it. */
          prediction: z.string().optional(),
          a: GradedSide,
          b: GradedSide,
        }),
      ),
    }),
  },
  policy: {
    summary: 'Show by which policy the answers of a dataset are graded, or set another',
    args: z.object({ dataset, set: policy }),
    result: z.object({
      /** As it stands in longhand.json. */
      grading: GradingChoice,
      switches: GradingPolicy,
      policies: z.array(z.object({ name: PolicyName, summary: z.string() })),
    }),
  },
  regrade: {
    summary:
      'Grade all answers and chains of a dataset again, without a model; says what changes, and writes it with --apply',
    args: z.object({
      dataset,
      /** The dataset's own when absent. */
      policy,
      rounds: z.array(z.string()).optional(),
      /** Only these chains, by their ids. */
      chains: z.array(z.string()).optional(),
      apply: z.boolean().optional(),
      workers,
    }),
    result: GradingCounts.extend({
      /** Name and path of the folder that holds what was found. */
      grading: z.string(),
      folder: z.string(),
      policy: z.string(),
      applied: z.boolean(),
      /** Answers whose verdict was known from an earlier run by the same policy and grader. */
      reused: z.number().int(),
      /** Problems that are no longer in the dataset: what answers them is left as it is. */
      missing: z.number().int(),
      seconds: z.number(),
    }),
  },
  reassemble: {
    summary:
      'Join the pieces of dialogue chains again, without a model, by the settings and sentences as they are now; says what changes, and writes it with --apply',
    args: ReassembleArgs,
    result: ReassembleResult,
  },
  ...FILTER_VERBS,
  ...EVALUATION_VERBS,
  ...TRAINING_VERBS,
  loss: LOSS,
  ...SERVING_VERBS,
  starter: {
    summary: 'Install, start or stop the starter model, or say how it stands',
    args: z.object({
      what: z.enum(['install', 'start', 'stop', 'status']),
      /** Id in the starter catalogue; its first model when absent. */
      model: z.string().optional(),
    }),
    result: z.object({
      model: z.string(),
      installed: z.boolean(),
      running: z.boolean(),
      pid: z.number().int().optional(),
      port: z.number().int().optional(),
      logFile: z.string(),
    }),
  },
  calibrate: {
    summary: 'Show how well the detectors of behaviours do by a curator’s labels, or draw sentences to label',
    args: z.object({
      dataset,
      /** Whose result; the latest when absent. */
      calibration: z.string().optional(),
      /** Draws a new plan of this many sentences, for `reviewer`. */
      draw: z.number().int().min(10).max(1000).optional(),
      /** Or takes the plan of this calibration for another reviewer. */
      sameAs: z.string().optional(),
      reviewer: z.string().min(1).optional(),
      seed: z.number().int().nonnegative().optional(),
    }),
    result: CalibrationReport,
  },
  export: EXPORT,
} as const;

export type VerbName = keyof typeof VERBS;
export type VerbArgs<V extends VerbName> = z.infer<(typeof VERBS)[V]['args']>;
export type VerbResult<V extends VerbName> = z.infer<(typeof VERBS)[V]['result']>;

/** A line of progress: JSON on stderr with `--progress json`, a status line for a person otherwise. */
export const VerbProgress = z.object({
  done: z.number().nonnegative(),
  total: z.number().nonnegative().optional(),
  unit: z.string(),
  message: z.string().optional(),
  /** Of `try`: what happened. */
  tried: TryEvent.optional(),
  /** Of a training that is followed: what its trainer said. */
  training: ProgressLine.optional(),
});
export type VerbProgress = z.infer<typeof VerbProgress>;
