import { z } from 'zod';
import { PAGE_REPORTS } from './page.ts';
import { DifficultyReport } from './sampling.ts';

/** Host to webview: the whole report, since a hidden webview loses messages. */
export const ToDifficultyPage = z.object({
  type: z.literal('snapshot'),
  dataset: z.string(),
  report: DifficultyReport,
});
export type ToDifficultyPage = z.infer<typeof ToDifficultyPage>;

/** Webview to host. */
export const FromDifficultyPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('save'), what: z.enum(['svg', 'csv', 'roundsCsv']) }),
  ...PAGE_REPORTS,
]);
export type FromDifficultyPage = z.infer<typeof FromDifficultyPage>;
