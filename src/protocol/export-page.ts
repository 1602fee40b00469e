import { z } from 'zod';
import { ExportArgs, ExportPlan } from './export.ts';
import { PAGE_REPORTS } from './page.ts';
import { Trouble } from './plan-page.ts';

/** What the page of Export Training Set may change; the dataset and the chains that it was opened with are the host's to know. */
export const ExportChoices = ExportArgs.omit({ dataset: true, chains: true, strict: true, plan: true });
export type ExportChoices = z.infer<typeof ExportChoices>;

/** Host to webview. A snapshot is whole: a hidden webview loses messages, and needs nothing but the next one. */
export const ToExportPage = z.object({
  type: z.literal('snapshot'),
  dataset: z.string(),
  /** Number of chains that the export is limited to; null without a limit. */
  named: z.number().int().nullable(),
  choices: ExportChoices,
  /** The last plan that could be made; stale while `planning`. Null before the first one. */
  report: ExportPlan.nullable(),
  /** Number of the plan, also of one in work. */
  plan: z.number().int(),
  /** The plan changed in the moment of a press, which did nothing. */
  missed: z.boolean(),
  planning: z.boolean(),
  /** The files are being written: nothing can be changed any more. */
  starting: z.boolean(),
  trouble: Trouble.optional(),
});
export type ToExportPage = z.infer<typeof ToExportPage>;

/** Webview to host. */
export const FromExportPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** All choices, not only what changed. */
  z.object({ type: z.literal('change'), choices: ExportChoices }),
  z.object({ type: z.literal('write'), plan: z.number().int() }),
  /** Shows chains in the chain table, by a query. */
  z.object({ type: z.literal('chains'), query: z.string() }),
  z.object({ type: z.literal('examine') }),
  /** Without the limit to the chains that the page was opened with. */
  z.object({ type: z.literal('allChains') }),
  ...PAGE_REPORTS,
]);
export type FromExportPage = z.infer<typeof FromExportPage>;
