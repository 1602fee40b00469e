import { z } from 'zod';
import { ExaminationReport, FindingId } from '../core/examine/finding.ts';
import { PAGE_REPORTS } from './page.ts';

/** Host to webview: the whole report, since a hidden webview loses messages. */
export const ToExaminePage = z.object({
  type: z.literal('snapshot'),
  /** The rows are chains of a dataset; else lines of a file. */
  inDataset: z.boolean(),
  report: ExaminationReport,
});
export type ToExaminePage = z.infer<typeof ToExaminePage>;

/** Webview to host. */
export const FromExaminePage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** Examine the source again. */
  z.object({ type: z.literal('again') }),
  /** Show the rows of a finding. */
  z.object({ type: z.literal('rows'), finding: FindingId }),
  /** Show one row: of a file by its line. */
  z.object({
    type: z.literal('row'),
    finding: FindingId,
    id: z.string(),
    line: z.number().int().positive().optional(),
  }),
  z.object({ type: z.literal('file'), what: z.enum(['markdown', 'json', 'findings']) }),
  ...PAGE_REPORTS,
]);
export type FromExaminePage = z.infer<typeof FromExaminePage>;
