import { z } from 'zod';
import type { ProgressLine } from '../model/run.ts';

const count = z.number().int().nonnegative();

/** What a trainer said after a step. What it did not say is absent. */
export const CurvePoint = z.object({
  step: count,
  /** Seconds since 1970. */
  t: z.number().optional(),
  epoch: z.number().optional(),
  loss: z.number().optional(),
  /** The loss, averaged over the points before it; see `SMOOTHING`. */
  smoothed: z.number().optional(),
  lr: z.number().optional(),
  gradNorm: z.number().optional(),
  /** Of all attempts up to here; the trainer counts anew with each. */
  tokens: count.optional(),
});
export type CurvePoint = z.infer<typeof CurvePoint>;

/** How a training went, by its own progress lines and nothing else. */
export const RunCurve = z.object({
  /** By step. Where an attempt went back to a checkpoint, the steps that it did again stand here once, by the later attempt. */
  points: z.array(CurvePoint),
  /** What the earlier attempts did beyond the checkpoint that was gone back to. */
  undone: z.array(z.array(CurvePoint)),
  /** Steps from which later attempts went on; 0 where one began anew. */
  resumes: z.array(count),
  /** As the trainer said that it saved them; `gone`: nothing can go on from there any more, see `withKept`. */
  checkpoints: z.array(z.object({ step: count, folder: z.string(), gone: z.literal(true).optional() })),
  /** Losses on rows that are not trained on. */
  evaluations: z.array(z.object({ step: count, loss: z.number() })),
  step: count.optional(),
  total: count.optional(),
  epoch: z.number().optional(),
  /** That the model has seen: of all attempts, each up to where the next one went on. */
  tokens: count.optional(),
  /** Of the last attempt, over its last lines. */
  stepsPerSecond: z.number().positive().optional(),
  /** At the time of the last line, by the step rate alone. */
  secondsLeft: z.number().nonnegative().optional(),
  /** How the last attempt said that it ended. */
  ended: z.enum(['end', 'error']).optional(),
  message: z.string().optional(),
});
export type RunCurve = z.infer<typeof RunCurve>;

/** Weight of what came before in the running average, which is divided by its own sum of weights: so the first points are not drawn to 0. */
export const SMOOTHING = 0.9;
/** The pace of so many lines is the pace of now. */
const PACE_LINES = 20;

interface Attempt {
  from: number;
  points: CurvePoint[];
  /** Time and step where the attempt began, then of each line. */
  times: { t: number; step: number }[];
}

/** Folds the lines of `progress.jsonl`, of all attempts in their order, into what is drawn. */
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

/** Where an attempt stands before its first step: what it says when it begins, else the step before the first that it tells of. */
function firstStep({ event, step }: ProgressLine): number {
  if (step === undefined) return 0;
  return event === 'begin' ? step : Math.max(0, step - 1);
}

function read(line: ProgressLine, curve: RunCurve, attempt: Attempt): void {
  const { event, total, checkpoint, message, step, ...told } = line;
  const { t, epoch, loss } = told;
  if (step !== undefined) curve.step = step;
  if (total !== undefined) curve.total = total;
  if (epoch !== undefined) curve.epoch = epoch;
  if (t !== undefined && (event === 'begin' || event === 'log')) {
    attempt.times.push({ t, step: step ?? attempt.from });
  }
  if (event === 'log' && step !== undefined) attempt.points.push({ step, ...told });
  if (event === 'eval' && step !== undefined && loss !== undefined) curve.evaluations.push({ step, loss });
  if (event === 'save' && step !== undefined && checkpoint !== undefined) {
    curve.checkpoints = [...curve.checkpoints.filter((one) => one.step !== step), { step, folder: checkpoint }];
  }
  if (event === 'end' || event === 'error') {
    curve.ended = event;
    if (message !== undefined) curve.message = message;
  }
}

/** Adds to the tokens of an attempt what those before it had counted where it went on: some trainers count from 0 with each attempt, some go on counting. */
function countTokens(attempts: readonly Attempt[]): Attempt[] {
  let before = 0;
  return attempts.map((attempt) => {
    const counted = attempt.points.find(({ tokens }) => tokens !== undefined);
    // At the pace of what was before, it would be at about so many by now if it had gone on counting; nearer to what it did alone, it has not.
    const pace = attempt.from > 0 ? before / attempt.from : 0;
    const anew = (counted?.tokens ?? 0) < pace * ((counted?.step ?? 0) - attempt.from / 2);
    const more = attempt.from > 0 && anew ? before : 0;
    const points = attempt.points.map((point) =>
      point.tokens === undefined ? point : { ...point, tokens: point.tokens + more },
    );
    before = points.findLast(({ tokens }) => tokens !== undefined)?.tokens ?? (attempt.from > 0 ? before : 0);
    return { ...attempt, points };
  });
}

/**
 * Marks the checkpoints of transformers that are not among those that can be gone on from: a trainer keeps the last few.
 * @param kept steps of the whole checkpoints that are there; undefined where this machine does not see them.
 */
export function withKept(curve: RunCurve, kept: readonly number[] | undefined): RunCurve {
  if (kept === undefined) return curve;
  const checkpoints = curve.checkpoints.map(({ step, folder }) => {
    const gone = /(?:^|[\\/])checkpoint-\d+$/.test(folder) && !kept.includes(step);
    return { step, folder, ...(gone ? { gone: true as const } : {}) };
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

/**
 * At most about `most` points that still show each peak: of each of `most / 2` spans of steps the one with the lowest and the one with the
 * highest loss. First and last stay.
 */
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
