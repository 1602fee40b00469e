import { z } from 'zod';
import { defined } from '../defined.ts';
import type { ProgressLine } from '../schemas/run-record.ts';

const count = z.number().int().nonnegative();

/** Values that a trainer reported after a step; missing ones are absent. */
export const CurvePoint = z.object({
  step: count,
  /** Seconds since 1970. */
  t: z.number().optional(),
  epoch: z.number().optional(),
  loss: z.number().optional(),
  /** Running average of the loss; see `SMOOTHING`. */
  smoothed: z.number().optional(),
  lr: z.number().optional(),
  gradNorm: z.number().optional(),
  /** Of all attempts up to this step, although trainers may restart their count. */
  tokens: count.optional(),
});
export type CurvePoint = z.infer<typeof CurvePoint>;

/** The course of a training, from its progress lines. */
export const RunCurve = z.object({
  /** By step. Steps that a later attempt repeated occur once, from the later attempt. */
  points: z.array(CurvePoint),
  /** Points of earlier attempts after the checkpoint that was resumed. */
  undone: z.array(z.array(CurvePoint)),
  /** Steps at which later attempts resumed; 0 for a restart. */
  resumes: z.array(count),
  /** Checkpoints as reported; `gone` if they can't be resumed any more, see `withKept`. */
  checkpoints: z.array(z.object({ step: count, folder: z.string(), gone: z.literal(true).optional() })),
  /** Losses on evaluation rows. */
  evaluations: z.array(z.object({ step: count, loss: z.number() })),
  step: count.optional(),
  total: count.optional(),
  epoch: z.number().optional(),
  /** Tokens that the model has seen, over all attempts, without repeated steps. */
  tokens: count.optional(),
  /** Of the last lines of the last attempt. */
  stepsPerSecond: z.number().positive().optional(),
  /** At the time of the last line. */
  secondsLeft: z.number().nonnegative().optional(),
  /** How the last attempt reported its end. */
  ended: z.enum(['end', 'error']).optional(),
  message: z.string().optional(),
});
export type RunCurve = z.infer<typeof RunCurve>;

/** Weight of the past in the running average. Divided by the sum of weights, so that the first points are not too low. */
export const SMOOTHING = 0.9;
/** Number of lines for the step rate. */
const PACE_LINES = 20;

interface Attempt {
  from: number;
  points: CurvePoint[];
  /** Time and step of the start and of each line. */
  times: { t: number; step: number }[];
}

/** The curve of all lines of `progress.jsonl`, with all attempts in order. */
export function foldProgress(lines: readonly ProgressLine[]): RunCurve {
  const attempts: Attempt[] = [];
  const curve: RunCurve = { points: [], undone: [], resumes: [], checkpoints: [], evaluations: [] };
  for (const line of lines) {
    if (line.event === 'begin' || attempts.length === 0) {
      attempts.push({ from: firstStep(line), points: [], times: [] });
      delete curve.ended;
      delete curve.message;
      curve.step = firstStep(line);
    }
    read(line, curve, attempts.at(-1) as Attempt);
  }
  attempts.reduceRight((from, attempt) => {
    const undone = attempt.points.filter(({ step }) => step > from);
    attempt.points = attempt.points.filter(({ step }) => step <= from);
    if (undone.length > 0) curve.undone.unshift(undone);
    return Math.min(from, attempt.from);
  }, Number.POSITIVE_INFINITY);
  curve.resumes = attempts.slice(1).map(({ from }) => from);
  curve.points = smooth(countTokens(attempts).flatMap(({ points }) => points));
  const tokens = curve.points.findLast((point) => point.tokens !== undefined)?.tokens;
  if (tokens !== undefined) curve.tokens = tokens;
  return { ...curve, ...paceOf(attempts.at(-1), curve) };
}

/** The step at which an attempt starts: as reported, else the one before its first step. */
function firstStep({ event, step }: ProgressLine): number {
  if (step === undefined) return 0;
  return event === 'begin' ? step : Math.max(0, step - 1);
}

function read(line: ProgressLine, curve: RunCurve, attempt: Attempt): void {
  const { event, total, checkpoint, message, step, ...values } = line;
  const { t, epoch, loss } = values;
  if (step !== undefined) curve.step = step;
  if (total !== undefined) curve.total = total;
  if (epoch !== undefined) curve.epoch = epoch;
  if (t !== undefined && (event === 'begin' || event === 'log')) {
    attempt.times.push({ t, step: step ?? attempt.from });
  }
  if (event === 'log' && step !== undefined) attempt.points.push({ step, ...values });
  if (event === 'eval' && step !== undefined && loss !== undefined) curve.evaluations.push({ step, loss });
  if (event === 'save' && step !== undefined && checkpoint !== undefined) {
    curve.checkpoints = [...curve.checkpoints.filter((one) => one.step !== step), { step, folder: checkpoint }];
  }
  if (event === 'end' || event === 'error') {
    curve.ended = event;
    if (message !== undefined) curve.message = message;
  }
}

/** Adds the tokens of earlier attempts, because some trainers restart their count in each attempt. */
function countTokens(attempts: readonly Attempt[]): Attempt[] {
  let before = 0;
  return attempts.map((attempt) => {
    const counted = attempt.points.find(({ tokens }) => tokens !== undefined);
    // A count that continues would be near that of the earlier pace; a restarted count is near the tokens of this attempt alone.
    const pace = attempt.from > 0 ? before / attempt.from : 0;
    const restarted = (counted?.tokens ?? 0) < pace * ((counted?.step ?? 0) - attempt.from / 2);
    const more = attempt.from > 0 && restarted ? before : 0;
    const points = attempt.points.map((point) =>
      point.tokens === undefined ? point : { ...point, tokens: point.tokens + more },
    );
    before = points.findLast(({ tokens }) => tokens !== undefined)?.tokens ?? (attempt.from > 0 ? before : 0);
    return { ...attempt, points };
  });
}

/**
 * Marks checkpoints of transformers that do not exist any more: a trainer keeps the last few.
 * @param kept Steps of the complete checkpoints that exist; undefined if this machine can't see them.
 */
export function withKept(curve: RunCurve, kept: readonly number[] | undefined): RunCurve {
  if (kept === undefined) return curve;
  const checkpoints = curve.checkpoints.map(({ step, folder }) => {
    const gone = /(?:^|[\\/])checkpoint-\d+$/.test(folder) && !kept.includes(step);
    return { step, folder, ...defined({ gone: gone ? (true as const) : undefined }) };
  });
  return { ...curve, checkpoints };
}

function smooth(points: readonly CurvePoint[]): CurvePoint[] {
  let sum = 0;
  let weight = 0;
  return points.map((point) => {
    if (point.loss === undefined) return point;
    sum = SMOOTHING * sum + (1 - SMOOTHING) * point.loss;
    weight = SMOOTHING * weight + (1 - SMOOTHING);
    return { ...point, smoothed: sum / weight };
  });
}

function paceOf(attempt: Attempt | undefined, { step, total, ended }: RunCurve): Partial<RunCurve> {
  const times = attempt?.times.slice(-PACE_LINES) ?? [];
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || last.t <= first.t || last.step <= first.step) return {};
  const stepsPerSecond = (last.step - first.step) / (last.t - first.t);
  if (total === undefined || step === undefined || ended !== undefined) return { stepsPerSecond };
  return { stepsPerSecond, secondsLeft: Math.max(0, total - step) / stepsPerSecond };
}

/** About `most` points that include all peaks: the lowest and highest loss of each of `most / 2` spans of steps, and the ends. */
export function thinPoints(points: readonly CurvePoint[], most: number): CurvePoint[] {
  const first = points[0];
  const last = points.at(-1);
  if (points.length <= most || first === undefined || last === undefined) return [...points];
  const span = Math.max(1, (last.step - first.step + 1) / Math.max(1, Math.floor(most / 2)));
  const kept = new Set([first, last]);
  let low = first;
  let high = first;
  let current = 0;
  for (const point of points) {
    const bucket = Math.floor((point.step - first.step) / span);
    if (bucket !== current) {
      kept.add(low).add(high);
      current = bucket;
      low = point;
      high = point;
    }
    if (lossOf(point, Number.POSITIVE_INFINITY) < lossOf(low, Number.POSITIVE_INFINITY)) low = point;
    if (lossOf(point, Number.NEGATIVE_INFINITY) > lossOf(high, Number.NEGATIVE_INFINITY)) high = point;
  }
  kept.add(low).add(high);
  return points.filter((point) => kept.has(point));
}

const lossOf = ({ loss }: CurvePoint, absent: number): number => loss ?? absent;
