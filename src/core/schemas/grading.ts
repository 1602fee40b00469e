import { z } from 'zod';
import { ChainClass, PieceName } from './chain.ts';
import { GradingPolicy } from './policy.ts';
import { NoAnswer } from './reply.ts';
import { DecidingModel, Verdict } from './verdict.ts';

const flips = z.record(z.string(), z.number().int().nonnegative());

/** Result of a regrading. Keys of flips are `old → new`, `none` without an old verdict; unchanged verdicts are not counted. */
export const GradingCounts = z.object({
  /** Graded answers and chains. */
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
  /** The version of Longhand, and the first 16 hex digits of the SHA-256 of its grading worker. */
  grader: z.object({ longhand: z.string(), worker: z.string() }),
  /** A model whose overrulings this grading adds to the stored verdicts. */
  judge: DecidingModel.optional(),
  rounds: z.array(z.string()),
  /** Only these chains; all of the rounds if absent. */
  chains: z.array(z.string()).optional(),
  /** The new verdicts were written into the rounds. */
  applied: z.boolean(),
  /** Absent while it runs, and after it was stopped; the next grading of the same kind resumes it. */
  finishedAt: z.string().optional(),
  counts: GradingCounts.optional(),
});
export type GradingInfo = z.infer<typeof GradingInfo>;

const row = {
  /** Call key of an answer, or chain id, a space and the piece without a call; chain id of a chain. The last line with an id counts. */
  id: z.string().min(1),
  round: z.string(),
  problemId: z.string(),
  /** The gold answer at that time. */
  gold: z.string(),
  /** Absent if it was not graded before. */
  old: Verdict.optional(),
  new: Verdict,
  /** How the reply ended, where it is not answered. Absent in rows of earlier versions. */
  ended: NoAnswer.optional(),
};

/** A line of `gradings/<n>-<name>/rows.jsonl`. */
export const GradingRow = z.discriminatedUnion('kind', [
  z.object({
    ...row,
    kind: z.literal('answer'),
    piece: PieceName,
    /** SHA-256, 16 hex digits, of gold and graded text: equal pairs need not be graded again. */
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
