import { z } from 'zod';
import { dataset, engine, flag, sampledRole } from '../../protocol/arguments.ts';
import { ContinueArgs, ContinueResult } from '../../protocol/continuation.ts';
import { RepairArgs, RepairResult } from '../../protocol/repair.ts';
import { RoundResult } from '../../protocol/runner.ts';
import { BatchOptions, DifficultyReport, PlanSamplingArgs, SamplingPlanReport } from '../../protocol/sampling.ts';
import { StepValuesArgs, StepValuesResult } from '../../protocol/step-values.ts';
import { Detached, detach, readEngine, readStages } from '../arguments.ts';
import { defineVerb } from '../define.ts';

const file = (what: string) => flag(z.string().min(1).optional(), `where ${what} is written`, { value: 'FILE' });

/** Verbs about sampling rounds. */
export const samplingVerbs = {
  'plan-sampling': defineVerb({
    summary: 'Show what a sampling round would request, cost and yield, without running it',
    args: PlanSamplingArgs,
    result: SamplingPlanReport,
    read: readStages,
    load: () => import('./plan-sampling.ts'),
  }),
  'sample-round': defineVerb({
    summary: 'Plan a difficulty-aware sampling round and run it',
    args: PlanSamplingArgs.extend({
      engine,
      /** With an engine only. */
      batch: BatchOptions.optional(),
      detach,
    }),
    result: z.union([RoundResult, Detached]),
    read: (given) => {
      readStages(given);
      readEngine(given);
    },
    load: () => import('./sample-round.ts'),
  }),
  continue: defineVerb({
    summary:
      'Let the model continue a chain from a place several times, and keep a continuation or write it into the chain; calls in the journal are not paid again',
    args: ContinueArgs,
    result: ContinueResult,
    load: () => import('./continue.ts'),
  }),
  'step-values': defineVerb({
    summary:
      'Estimate where chains lose their chance to end right, by continuations from a few places; calls in the journal are not paid again',
    args: StepValuesArgs,
    result: StepValuesResult,
    load: () => import('./step-values.ts'),
  }),
  'repair-chains': defineVerb({
    summary:
      'Repair wrong chains: keep the error, turn away from it, and continue from before it; the error is not trained',
    args: RepairArgs.extend({ detach }),
    result: RepairResult,
    load: () => import('./repair-chains.ts'),
  }),
  difficulty: defineVerb({
    summary: 'Show how difficult the problems are for a model, and what each round changed',
    args: z.object({
      dataset,
      role: sampledRole,
      svg: file('a picture'),
      csv: file('a table of the problems'),
      roundsCsv: file('a table of the rounds'),
    }),
    result: DifficultyReport,
    load: () => import('./difficulty.ts'),
  }),
};
