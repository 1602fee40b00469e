import { z } from 'zod';
import { Asking, AssemblySettings, Behaviour, ChainClass, Mode, PieceName, Turns } from '../core/model/index.ts';

/** What `plan` and `generate` are told; what is left out is as in the dataset's settings. */
export const PlanArgs = z.object({
  dataset: z.string().min(1),
  /** How many problems, those tried least first. */
  problems: z.number().int().positive(),
  name: z.string().optional(),
  seed: z.number().int().nonnegative().optional(),
  /** Only problems with one of these levels or topics; all when absent. */
  levels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  /** Separate calls or one dialogue; the dataset's own choice when absent. */
  asking: Asking.optional(),
  /** `hinted` asks only problems that were tried and that nothing solved. */
  mode: Mode.optional(),
  /** Answers in a chain. */
  turns: Turns.optional(),
  keepPerProblem: AssemblySettings.shape.keepPerProblem.unwrap().optional(),
  firstWrongShare: AssemblySettings.shape.firstWrongShare.unwrap().optional(),
  /** Behaviours whose prompt fragment is left out. */
  behavioursOff: z.array(Behaviour).optional(),
  /** Candidates of each piece, in place of the dataset's own numbers. */
  tries: z
    .object({
      answer1: z.number().int().min(1).max(64),
      answer2: z.number().int().min(1).max(64),
      check: z.number().int().min(1).max(16),
      summary: z.number().int().min(1).max(16),
    })
    .partial()
    .optional(),
});

const count = z.number().int().nonnegative();

/** Settings that are left out are the dataset's own. */
export const ReassembleArgs = z.object({
  dataset: z.string().min(1),
  rounds: z.array(z.string()).optional(),
  untrained: z.array(PieceName).optional(),
  keepPerProblem: AssemblySettings.shape.keepPerProblem.unwrap().optional(),
  firstWrongShare: AssemblySettings.shape.firstWrongShare.unwrap().optional(),
  apply: z.boolean().optional(),
});

/** What assembling a chain again changes of it. */
export const ReassembledChain = z.object({
  id: z.string(),
  round: z.string(),
  /** The first place at which the texts differ, with a few words around it. */
  text: z.object({ before: z.string(), after: z.string() }).optional(),
  /** Pieces of which the loss mask changes, with what it says now. */
  mask: z.array(z.object({ piece: PieceName, train: z.boolean() })).optional(),
  /** The class that its text is joined for. */
  joinedAs: z.object({ before: ChainClass, after: ChainClass }).optional(),
  passed: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
  /** Passed the filters and was kept by the quota. */
  kept: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
});
export type ReassembledChain = z.infer<typeof ReassembledChain>;

export const ReassembleResult = z.object({
  applied: z.boolean(),
  settings: AssemblySettings,
  /** Dialogue chains that were looked at, and those of which something changes. */
  chains: count,
  changed: count,
  /** Changes by what changes. */
  texts: count,
  masks: count,
  passedBefore: count,
  passedAfter: count,
  keptBefore: z.record(ChainClass, count),
  keptAfter: z.record(ChainClass, count),
  /** Chains whose text a reviewer has edited or labelled: their text is left as it is. */
  reviewed: count,
  /** Chains whose problem is gone: left as they are. */
  missing: count,
  /** The first thousand of those that change. */
  listed: z.array(ReassembledChain),
  seconds: z.number(),
});
export type ReassembleResult = z.infer<typeof ReassembleResult>;
