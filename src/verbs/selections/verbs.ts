import { z } from 'zod';
import { SelectionsResult } from '../../core/selections/index.ts';
import { CompareSelectionsArgs, ComparisonProgress } from '../../protocol/selections.ts';
import { ShownPlan } from '../../protocol/selections-page.ts';
import { detach, readEngine } from '../arguments.ts';
import { defineVerb } from '../define.ts';
import { readProgram } from '../training/verbs.ts';

/** Verbs that test what a selection of chains is worth. */
export const selectionVerbs = {
  'compare-selections': defineVerb({
    summary: 'Train on two selections of chains and on random ones, and compare the models on held-out problems',
    args: CompareSelectionsArgs.extend({ detach }),
    /** Without a result and a report when only the plan was requested. */
    result: z.object({
      plan: ShownPlan,
      folder: z.string().optional(),
      /** Of a stored one that has not ended. */
      progress: ComparisonProgress.optional(),
      result: SelectionsResult.optional(),
      report: z.string().optional(),
    }),
    read: (given, verb) => {
      readEngine(given);
      readProgram(given, verb);
      if (Array.isArray(given.seeds)) given.seeds = given.seeds.map(Number);
    },
    load: () => import('./compare-selections.ts'),
  }),
};
