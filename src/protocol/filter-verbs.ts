import { z } from 'zod';
import { FilterSettings } from '../core/model/index.ts';

const count = z.number().int().nonnegative();
/** At most 1,000 of them are listed; the count beside says how many there are. */
const ids = z.array(z.string());

/** Verbs about the filters of a dataset; see VERBS. */
export const FILTER_VERBS = {
  refilter: {
    summary:
      'Run the filters over all chains of a dataset again, without a model; says what changes, and writes it with --apply',
    args: z.object({
      dataset: z.string().min(1),
      rounds: z.array(z.string()).optional(),
      /** In place of the dataset's own thresholds; see FilterSettings. */
      set: z.record(z.string(), z.unknown()).optional(),
      apply: z.boolean().optional(),
    }),
    result: z.object({
      applied: z.boolean(),
      settings: FilterSettings,
      rounds: z.array(
        z.object({
          round: z.string(),
          chains: count,
          /** Chains of which any result differs from the one that is stored. */
          changed: count,
          passedBefore: count,
          passedAfter: count,
          /** Chains that pass and are left out by the quota. */
          quotaBefore: count,
          quotaAfter: count,
        }),
      ),
      /** Filters that rejected a chain before, or reject one now. */
      filters: z.array(
        z.object({
          id: z.string(),
          /** Chains that it rejected, and rejects now. */
          before: count,
          after: count,
          /** Chains that it rejects now and did not before, and the other way round. */
          rejected: count,
          passed: count,
          newlyRejected: ids,
          newlyPassed: ids,
        }),
      ),
      /** Chains that passed all filters before and no longer do, and the other way round. */
      rejected: count,
      passed: count,
      newlyRejected: ids,
      newlyPassed: ids,
      /** Problems that are no longer in the dataset. */
      missing: count,
      seconds: z.number(),
    }),
  },
} as const;
