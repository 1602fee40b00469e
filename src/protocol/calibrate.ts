import { z } from 'zod';
import { CalibrationReport } from '../core/review/calibration/model.ts';
import { Behaviour, Problem } from '../core/schemas/index.ts';
import { CALIBRATE_KEYS, type CalibrateAction } from './keys.ts';
import { PAGE_REPORTS } from './page.ts';

const actions = CALIBRATE_KEYS.map(({ action }) => action) as [CalibrateAction, ...CalibrateAction[]];
const count = z.number().int().nonnegative();

/** A sentence as it is shown. It says nothing of what the detectors call it. */
export const CalibrateItem = z.object({
  /** Tells one sentence from the next. */
  sentence: count,
  problem: Problem.pick({ id: true, problem: true }),
  /** `before`, `sentence` and `after` follow each other in the chain; `cut`: more text stands before. */
  excerpt: z.object({ before: z.string(), sentence: z.string(), after: z.string(), cut: z.boolean() }),
  /** The reviewer's label; null while there is none. */
  label: z.union([z.array(Behaviour), z.literal('skipped')]).nullable(),
});
export type CalibrateItem = z.infer<typeof CalibrateItem>;

/** Host to webview. A snapshot is whole: a hidden webview loses messages, and needs nothing but the next one. */
export const ToCalibrate = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    calibration: z.string(),
    reviewer: z.string(),
    /** From 1. */
    position: count,
    total: count,
    labelled: count,
    skipped: count,
    /** Sentences whose chain changed or is gone since the plan was drawn. */
    leftOut: count,
    /** Null on the page of the result, and when there is no sentence or it can't be read; `trouble` says why. */
    item: CalibrateItem.nullable(),
    trouble: z.string().optional(),
    /** Null on the page of the sentences: who labels must not know. */
    report: CalibrationReport.nullable(),
  }),
  z.object({ type: z.literal('announce'), text: z.string(), tone: z.enum(['info', 'warning', 'error']) }),
]);
export type ToCalibrate = z.infer<typeof ToCalibrate>;
export type CalibrateSnapshot = Extract<ToCalibrate, { type: 'snapshot' }>;

/** Webview to host. Actions are worked off in their order, and each is answered by a snapshot. */
export const FromCalibrate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('perform'), action: z.enum(actions) }),
  ...PAGE_REPORTS,
]);
export type FromCalibrate = z.infer<typeof FromCalibrate>;
