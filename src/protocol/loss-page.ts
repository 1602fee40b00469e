import { z } from 'zod';
import { RunAttempt, RunRecord } from '../core/schemas/index.ts';
import { RunCurve } from '../core/training/curve.ts';
import { PAGE_REPORTS } from './page.ts';
import { RunReport } from './training.ts';

const count = z.number().int().nonnegative();

/** A run as the page of Show Loss shows it. */
export const LossRun = z.object({
  report: RunReport,
  record: RunRecord,
  attempts: z.array(RunAttempt),
  /** Thinned to what can be seen. */
  curve: RunCurve,
  /** Lines of its progress that could be read, and those that could not. */
  lines: count,
  badLines: count,
  /** Last lines of its log: where it failed, and where its progress tells no loss. */
  log: z.array(z.string()),
});
export type LossRun = z.infer<typeof LossRun>;

/** Host to webview. A snapshot is whole: a hidden webview loses messages, and needs nothing but the next one. */
export const ToLossPage = z.object({
  type: z.literal('snapshot'),
  /** Folder of the dataset: what the page keeps, to be filled again after the window was closed. */
  folder: z.string(),
  dataset: z.string(),
  run: LossRun,
  /** Other runs that lie over it. */
  others: z.array(LossRun),
  /** All other trainings of the dataset with a loss, newest first. */
  choices: z.array(z.string()),
  /** Whether jobs may be stopped and resumed here: not in a folder that is not trusted. */
  trusted: z.boolean(),
});
export type ToLossPage = z.infer<typeof ToLossPage>;

/** What a button of the page does elsewhere. */
export const LossCommand = z.enum(['stop', 'resume', 'log', 'config', 'folder', 'serve', 'copyCommand']);
export type LossCommand = z.infer<typeof LossCommand>;

/** Webview to host. */
export const FromLossPage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** These runs are laid over the page's own. */
  z.object({ type: z.literal('compare'), runs: z.array(z.string()) }),
  z.object({ type: z.literal('save'), what: z.enum(['svg', 'csv']) }),
  z.object({ type: z.literal('command'), command: LossCommand }),
  ...PAGE_REPORTS,
]);
export type FromLossPage = z.infer<typeof FromLossPage>;

/** What the page keeps over a reload of the window. */
export const SavedLossPage = z.object({ folder: z.string(), run: z.string(), others: z.array(z.string()) });
export type SavedLossPage = z.infer<typeof SavedLossPage>;
