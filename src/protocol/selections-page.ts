import { z } from 'zod';
import { ArmDraw, SelectionsPlan, SelectionsResult } from '../core/selections/index.ts';
import { PAGE_REPORTS } from './page.ts';
import { ComparisonProgress } from './selections.ts';

/** A plan without the ids of its chains. */
export const ShownPlan = SelectionsPlan.extend({
  draws: z.array(ArmDraw.omit({ chains: true }).extend({ rows: z.number().int().nonnegative() })),
});
export type ShownPlan = z.infer<typeof ShownPlan>;

/** Host to webview: all of it, since a hidden webview loses messages. */
export const ToSelectionsPage = z.object({
  type: z.literal('snapshot'),
  dataset: z.string(),
  /** `planned`: nothing is written yet. `starting`: its process starts. `stopped`: it has begun, and can be resumed. */
  state: z.enum(['planned', 'starting', 'running', 'stopped', 'ended']),
  /** Of one that has begun and not ended. */
  progress: ComparisonProgress.optional(),
  plan: ShownPlan,
  result: SelectionsResult.optional(),
});
export type ToSelectionsPage = z.infer<typeof ToSelectionsPage>;

/** Webview to host. */
export const FromSelectionsPage = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ready', 'start', 'cancel', 'report', 'copyCommand']) }),
  ...PAGE_REPORTS,
]);
export type FromSelectionsPage = z.infer<typeof FromSelectionsPage>;
