import { z } from 'zod';
import { RoundFunnel } from '../core/dataset/funnel/index.ts';
import { ChainClass, ReplyCounts, RoundKind, RoundSummary } from '../core/schemas/index.ts';

/** Milliseconds that a process may take to end after a cancel: the grace period of its calls in flight, and time to write its files. */
export function endLimitMs(graceSeconds: number): number {
  return 15_000 + 1000 * graceSeconds;
}

/** What a sampling round shows besides: all runs of the round together. */
export const SamplingProgress = z.object({
  /** Samples that are graded, and those that the plan expects. */
  samples: z.number().int().nonnegative(),
  samplesExpected: z.number().nonnegative(),
  correct: z.number().int().nonnegative(),
  /** Problems with a correct response in this round. */
  solved: z.number().int().nonnegative(),
  /** Problems without one that are still asked. */
  survivors: z.number().int().nonnegative(),
  promptTokens: z.number().int().nonnegative(),
  completionTokens: z.number().int().nonnegative(),
  /** In the currency of the prices; absent while they are unknown. */
  cost: z.number().nonnegative().optional(),
  /** Wall time over all runs. */
  seconds: z.number().nonnegative(),
});
export type SamplingProgress = z.infer<typeof SamplingProgress>;

/**
 * `rounds/<n>-<name>/runner.json`, written atomically about twice a second by the process that runs the round. Host and
 * command line attach to a round by reading it: a file survives the window, the host and a kill -9 of the runner.
 */
export const RunnerState = z.object({
  version: z.literal(1),
  pid: z.number().int().positive(),
  startedAt: z.string(),
  updatedAt: z.string(),
  /** Wall time of the round's earlier runs, in seconds. */
  secondsBefore: z.number().nonnegative().optional(),
  /** `interrupted`: the window that lends the model was closed. */
  state: z.enum(['starting', 'running', 'finished', 'cancelled', 'failed', 'interrupted']),
  /** What a person should know: why it failed and what to do, or what it waits for. */
  message: z.string().optional(),
  problemsDone: z.number().int().nonnegative(),
  problemsTotal: z.number().int().nonnegative(),
  /** Model calls answered in this run, and those taken from the journal instead. */
  calls: z.number().int().nonnegative(),
  callsReused: z.number().int().nonnegative(),
  /** The answered calls of this run by how their replies ended. */
  replies: ReplyCounts.optional(),
  retries: z.number().int().nonnegative(),
  completionTokens: z.number().int().nonnegative(),
  promptTokens: z.number().int().nonnegative(),
  tokensPerSecond: z.number().nonnegative(),
  /** Absent until a rate is known. */
  secondsLeft: z.number().nonnegative().optional(),
  chains: z.number().int().nonnegative(),
  chainsPassed: z.number().int().nonnegative(),
  byClass: z.record(ChainClass, z.number().int().nonnegative()),
  sampling: SamplingProgress.optional(),
});
export type RunnerState = z.infer<typeof RunnerState>;

/** Beside the plan of its round; see RunnerState. */
export const RUNNER_FILE = 'runner.json';

/**
 * The runner removes this file when it appears beside `runner.json`, sends no new call and ends when those in flight have. A second one ends them at once.
 */
export const CANCEL_FILE = 'cancel';

/** What a round came to, as its verb reports it: the summary with the funnel as it is now. */
export const RoundResult = RoundSummary.extend({ funnel: RoundFunnel.optional() });
export type RoundResult = z.infer<typeof RoundResult>;

/** The status of a round, as `longhand status` and the tree view show it. `interrupted`: its runner died, or the window of its model was closed; it can be resumed. */
export const RoundStatus = z.object({
  round: z.string(),
  kind: RoundKind,
  state: z.enum(['planned', 'running', 'interrupted', 'cancelled', 'failed', 'finished']),
  runner: RunnerState.optional(),
  chains: z.number().int().nonnegative(),
  chainsPassed: z.number().int().nonnegative(),
  /** Of a generated round with graded answers. */
  funnel: RoundFunnel.optional(),
});
export type RoundStatus = z.infer<typeof RoundStatus>;
