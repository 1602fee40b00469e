import { z } from 'zod';
import { ChainClass, PieceName } from './chain.ts';
import { GradingPolicy } from './policy.ts';
import { Verdict } from './verdict.ts';

const flips = z.record(z.string(), z.number().int().nonnegative());

/** What a regrading found. The keys of flips are `old → new`, `none` for what had no verdict; what stayed as it was is not among them. */
export const GradingCounts = z.object({
  /** Answers that were graded, and chains that were looked at. */
  answers: z.number().int().nonnegative(),
  chains: z.number().int().nonnegative(),
  flips: z.object({ answers: flips, chains: flips, classes: flips }),
  /** Chains that pass the filters. */
  passedBefore: z.number().int().nonnegative(),
  passedAfter: z.number().int().nonnegative(),
});
export type GradingCounts = z.infer<typeof GradingCounts>;

/** `gradings/<n>-<name>/grading.json`. */
export const GradingInfo = z.object({
  version: z.literal(1),
  createdAt: z.string(),
  policy: GradingPolicy,
  /** The version of Longhand, and the first 16 hex digits of the SHA-256 of its grading worker: the same worker gives the same verdicts. */
  grader: z.object({ longhand: z.string(), worker: z.string() }),
  rounds: z.array(z.string()),
  /** Only these chains; all of the rounds when absent. */
  chains: z.array(z.string()).optional(),
  /** The new verdicts were written into the rounds. */
  applied: z.boolean(),
  /** Absent while it runs, and after it was stopped: then the next one of the same kind goes on with it. */
  finishedAt: z.string().optional(),
  counts: GradingCounts.optional(),
});
export type GradingInfo = z.infer<typeof GradingInfo>;

const row = {
  /** Call key of an answer; chain id, a space and the piece where no call is known; chain id of a chain. A later line with the same id replaces an earlier one. */
  id: z.string().min(1),
  round: z.string(),
  problemId: z.string(),
  /** The trusted answer at that time. */
  gold: z.string(),
  /** Absent for what had not been graded. */
  old: Verdict.optional(),
  new: Verdict,
};

/** A line of `gradings/<n>-<name>/rows.jsonl`. */
export const GradingRow = z.discriminatedUnion('kind', [
  z.object({
    ...row,
    kind: z.literal('answer'),
    piece: PieceName,
    /** SHA-256, 16 hex digits, of gold and graded text: such a pair need not be graded again. */
    hash: z.string(),
  }),
  z.object({
    ...row,
    kind: z.literal('chain'),
    oldClass: ChainClass.optional(),
    newClass: ChainClass.optional(),
    oldPassed: z.boolean(),
    newPassed: z.boolean(),
  }),
]);
export type GradingRow = z.infer<typeof GradingRow>;
