import { z } from 'zod';
import { SAMPLING_VERBS } from './sampling.ts';

/** Host to webview: the whole report, since a hidden webview loses messages. */
export const ToDifficultyPage = z.object({
  type: z.literal('snapshot'),
  dataset: z.string(),
  report: SAMPLING_VERBS.difficulty.result,
});
export type ToDifficultyPage = z.infer<typeof ToDifficultyPage>;

/** Webview to host. */
export const FromDifficultyPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('save'), what: z.enum(['svg', 'csv', 'roundsCsv']) }),
  /** Something broke in the webview; for the log. */
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type FromDifficultyPage = z.infer<typeof FromDifficultyPage>;
