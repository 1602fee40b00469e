import { z } from 'zod';
import { GradingChoice, GradingPolicy, PolicyName } from '../../core/schemas/index.ts';
import { dataset, flag, positional } from '../../protocol/arguments.ts';
import { JudgeAnswersArgs, JudgeAnswersResult } from '../../protocol/judge-answers.ts';
import { RegradeResult } from '../../protocol/rework.ts';
import { goldKey, policy, predictionKey, readOptionalModel, rounds, rowsOut, workers } from '../arguments.ts';
import { defineVerb } from '../define.ts';

const count = z.number().int();
const counts = z.record(z.string(), count.nonnegative());
const GradedSide = z.object({
  verdict: z.string(),
  extracted: z.string().optional(),
  method: z.string().optional(),
  detail: z.string().optional(),
});
const grading = (side: string) =>
  positional(z.string().min(1), `file that grade wrote, or a folder of gradings/ (${side})`);

/** Verbs about verdicts. */
export const gradingVerbs = {
  grade: defineVerb({
    summary: 'Grade rows of JSONL that hold a gold answer and a prediction; prints the same rows with their verdicts',
    args: z.object({
      file: positional(z.string().min(1), 'file of rows; - is stdin'),
      /** For rows without one; `default` when absent. */
      policy,
      goldKey,
      predictionKey,
      workers,
      out: rowsOut,
    }),
    result: z.object({
      rows: count,
      outcomes: counts,
      methods: counts,
      /** Names of the policies that rows were graded by. */
      policies: counts,
      out: z.string().optional(),
      workers: count,
      seconds: z.number(),
      /** Computing time of one row in milliseconds. */
      ms: z.object({ mean: z.number(), max: z.number() }),
    }),
    load: () => import('./grade.ts'),
  }),
  policy: defineVerb({
    summary: 'Show the policy that grades the answers of a dataset, or set another',
    args: z.object({ dataset, set: policy }),
    result: z.object({
      /** As in longhand.json. */
      grading: GradingChoice,
      switches: GradingPolicy,
      policies: z.array(z.object({ name: PolicyName, summary: z.string() })),
    }),
    load: () => import('./policy.ts'),
  }),
  regrade: defineVerb({
    summary:
      'Grade all answers and chains of a dataset again, without a model; shows what changes, and writes it with --apply',
    args: z.object({
      dataset,
      /** The dataset's own when absent. */
      policy,
      rounds,
      chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,…' }),
      apply: z.boolean().optional().describe('write the new verdicts into the rounds'),
      workers,
    }),
    result: RegradeResult,
    load: () => import('./regrade.ts'),
  }),
  'judge-answers': defineVerb({
    summary:
      'Ask a model about answers that grading does not call correct; shows what it overrules, and writes it with --apply',
    args: JudgeAnswersArgs,
    result: JudgeAnswersResult,
    read: readOptionalModel,
    load: () => import('./judge-answers.ts'),
  }),
  'compare-gradings': defineVerb({
    summary: 'Show what flipped between two gradings: files that grade wrote, or folders of gradings/',
    args: z.object({
      a: grading('A'),
      b: grading('B'),
      goldKey,
      predictionKey,
      limit: z.number().int().nonnegative().default(1000).describe('flips listed with their texts'),
    }),
    result: z.object({
      a: z.string(),
      b: z.string(),
      /** By the rows' own ids where all have one, else row by row. */
      matchedBy: z.enum(['id', 'order']),
      /** Rows that are in both. */
      rows: count,
      flipped: count,
      /** By `verdict in A → verdict in B`. */
      flips: counts,
      onlyA: count,
      onlyB: count,
      /** Matched rows whose gold is not the same text: perhaps not the same rows. */
      otherGold: count,
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
    load: () => import('./compare-gradings.ts'),
  }),
};
