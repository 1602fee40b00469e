import { z } from 'zod';
import { ModelRef, RepairSettings, ReviewerName } from '../core/schemas/index.ts';
import { dataset, flag, responseSettings, sampledRole } from './arguments.ts';
import { ContinuationCost } from './continuation.ts';
import { RoundResult } from './runner.ts';

const count = z.number().int().nonnegative();

/** Repair wrong chains of a query. */
export const RepairArgs = RepairSettings.extend({
  dataset,
  chains: flag(z.array(z.string()).optional(), 'only these chains', { value: 'ID,ID' }),
  where: flag(z.string().default('verdict = incorrect'), 'only chains of this query', { value: 'QUERY' }),
  reviewer: flag(ReviewerName.optional(), 'whose decisions and labels the query means; those of all when absent', {
    value: 'NAME',
  }),
  limit: count.min(1).default(100).describe('chains at most, as stored'),
  name: z.string().optional().describe('name of the round'),
  role: sampledRole,
  ...responseSettings,
  plan: z.boolean().optional().describe('show what it would request and cost at most, and request nothing'),
});
export type RepairArgs = z.infer<typeof RepairArgs>;

/** A planned round. */
export const RepairReport = ContinuationCost.extend({
  round: z.string(),
  model: ModelRef,
  chains: count,
  /** Chains with a first wrong step that a reviewer has labelled, which need no search. */
  labelled: count,
  /** Chains with an equality that does not hold, which need none either. */
  computed: count,
  /** Chains of the query without a repair: with turns of their own, right without a labelled step, tried by an earlier round, or with a gold answer that can't be read. */
  skipped: z.object({ turns: count, right: count, tried: count, unreadable: count }),
});
export type RepairReport = z.infer<typeof RepairReport>;

export const RepairResult = z.union([
  z.object({ planned: RepairReport }),
  RoundResult,
  z.object({ round: z.string(), pid: z.number().int() }),
]);
export type RepairResult = z.infer<typeof RepairResult>;
