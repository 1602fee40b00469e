import { z } from 'zod';
import { PieceName, RoundPlan } from '../../core/schemas/index.ts';
import { dataset } from '../../protocol/arguments.ts';
import { PlanArgs, quota } from '../../protocol/dialogue.ts';
import { RebuildResult } from '../../protocol/rework.ts';
import { RoundResult } from '../../protocol/runner.ts';
import { TryArgs, TryResult } from '../../protocol/workbench.ts';
import { Detached, detach, rounds } from '../arguments.ts';
import { defineVerb } from '../define.ts';

/** Verbs about dialogue rounds. */
export const dialogueVerbs = {
  plan: defineVerb({
    summary: 'Show what a round would request, without running it',
    args: PlanArgs,
    result: RoundPlan,
    load: () => import('./plan.ts'),
  }),
  generate: defineVerb({
    summary: 'Plan a round and run it',
    args: PlanArgs.extend({ detach }),
    result: z.union([RoundResult, Detached]),
    load: () => import('./generate.ts'),
  }),
  try: defineVerb({
    summary: 'Run one problem through the pieces with the current prompts; nothing of it enters a round',
    args: TryArgs,
    result: TryResult,
    load: () => import('./try.ts'),
  }),
  rebuild: defineVerb({
    summary:
      'Join the pieces of dialogue chains again, without a model, with the current settings and sentences; shows what changes, and writes it with --apply',
    args: z.object({
      dataset,
      rounds,
      untrained: z.array(PieceName).optional().describe('pieces that are not trained, such as answer[1]'),
      ...quota,
      apply: z.boolean().optional().describe('write the chains into the rounds'),
    }),
    result: RebuildResult,
    load: () => import('./rebuild.ts'),
  }),
};
