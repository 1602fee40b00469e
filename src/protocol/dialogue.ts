import { z } from 'zod';
import { Asking, AssemblySettings, Behaviour, Mode, Turns } from '../core/schemas/index.ts';
import { dataset, flag, roundChoice } from './arguments.ts';

/** Chains kept for each problem and the share of first answers that are wrong, in place of the dataset's own. */
export const quota = {
  keepPerProblem: flag(
    AssemblySettings.shape.keepPerProblem.unwrap().optional(),
    'limit of chains kept for each problem',
    {
      name: 'keep',
    },
  ),
  firstWrongShare: flag(
    AssemblySettings.shape.firstWrongShare.unwrap().optional(),
    'percent of kept chains whose first answer is wrong',
    { name: 'share', value: 'P' },
  ),
};

const candidates = (piece: string, most: number) =>
  z.number().int().min(1).max(most).optional().describe(`candidates of ${piece} for each problem`);

/** What a dialogue round is planned from; what is absent is as in the dataset's settings. */
export const PlanArgs = z.object({
  dataset,
  problems: z.number().int().positive().describe('number of problems, least tried first'),
  ...roundChoice,
  asking: flag(Asking.optional(), 'separate (calls by piece) or dialogue', { value: 'HOW' }),
  mode: flag(
    Mode.optional(),
    'blind, or hinted: with the gold answer in the prompt, for problems that were tried and never solved',
    {
      value: 'HOW',
    },
  ),
  turns: Turns.optional().describe('answers in a chain, 2 to 5'),
  ...quota,
  behavioursOff: flag(
    z.array(Behaviour).optional(),
    'behaviours that the prompts do not ask for: verification, backtracking, subgoal, backward',
    { name: 'without' },
  ),
  tries: z
    .object({
      answer1: candidates('answer1', 64),
      answer2: candidates('answer2', 64),
      check: candidates('check', 16),
      summary: candidates('summary', 16),
    })
    .optional(),
});
export type PlanArgs = z.infer<typeof PlanArgs>;
