import { defined } from '../defined.ts';
import { ProgressLine } from '../schemas/index.ts';
import { LogSplitter } from './log-frames.ts';

/** The progress lines in a log, in order. */
export function framesOf(log: string): ProgressLine[] {
  const splitter = new LogSplitter();
  return [...splitter.push(log), ...splitter.end()].flatMap((item) => (item.kind === 'progress' ? [item.line] : []));
}

/** Lines of a log; progress bars overwrite themselves with carriage returns. */
export function linesOf(log: string): string[] {
  return log.split(/\r\n|\r|\n/);
}

/** A line of `progress.jsonl`; undefined if it is invalid. */
export function readProgress(line: string): ProgressLine | undefined {
  try {
    return ProgressLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Names of transformers' log keys in progress lines. */
const HF_KEYS: Readonly<Record<string, keyof ProgressLine>> = {
  loss: 'loss',
  learning_rate: 'lr',
  grad_norm: 'gradNorm',
  epoch: 'epoch',
  num_tokens: 'tokens',
  step: 'step',
};
const HF_ENTRY = /'([\w/]+)':\s*(?:'([^']*)'|([^,{}']+))/g;

/**
 * A dict that transformers' Trainer prints, with numbers up to version 4 and strings since 5. Undefined for other lines and without a loss;
 * numbers that are not finite are skipped.
 */
export function parseTransformersLine(line: string): ProgressLine | undefined {
  const dict = /\{'.*\}/.exec(line)?.[0];
  if (dict === undefined) return undefined;
  const found: Record<string, number> = {};
  for (const [, key = '', quoted, bare] of dict.matchAll(HF_ENTRY)) {
    const value = toNumber(quoted ?? bare ?? '');
    const name = Object.hasOwn(HF_KEYS, key) ? HF_KEYS[key] : undefined;
    if (name !== undefined && value !== undefined) found[name] = name === 'tokens' ? Math.round(value) : value;
  }
  if (found.loss === undefined) return undefined;
  return ProgressLine.safeParse({ event: 'log', ...found }).data;
}

function toNumber(text: string): number | undefined {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return trimmed !== '' && Number.isFinite(value) ? value : undefined;
}

/** The present progress of a training. */
interface ProgressSoFar {
  /** Without lines that a resumed training repeated. */
  lines: ProgressLine[];
  /** Lines of the last attempt, which determine all values below. */
  attempt: ProgressLine[];
  step?: number;
  total?: number;
  epoch?: number;
  loss?: number;
  lr?: number;
  /** From the latest steps; absent if unknown. */
  secondsLeft?: number;
  /** Folder of the complete trained model, relative to the run. */
  output?: string;
  /** The error that the trainer reported. */
  error?: string;
}

/** Number of last steps for the rate. */
const RATE_STEPS = 20;

/**
 * The progress from the lines of all attempts, oldest first.
 * @param before Number of lines from earlier attempts; the last one may have none yet.
 */
export function progressSoFar(all: readonly ProgressLine[], before = 0): ProgressSoFar {
  const lines: ProgressLine[] = [];
  for (const line of all) {
    if (line.event === 'begin') keepUntil(lines, line.step ?? 0);
    lines.push(line);
  }
  // A trainer that rewrites its file leaves fewer lines.
  const own = all.slice(before <= all.length ? before : 0);
  const attempt = own.slice(
    Math.max(
      0,
      own.findLastIndex(({ event }) => event === 'begin'),
    ),
  );
  const logs = attempt.filter(({ event, loss }) => event === 'log' && loss !== undefined);
  const last = logs.at(-1);
  const end = attempt.findLast(({ event }) => event === 'end');
  const total = attempt.findLast((line) => line.total !== undefined)?.total;
  return {
    lines,
    attempt,
    ...defined({
      step: attempt.findLast((line) => line.step !== undefined)?.step,
      total,
      epoch: attempt.findLast((line) => line.epoch !== undefined)?.epoch,
      loss: last?.loss,
      lr: last?.lr,
      secondsLeft: end ? undefined : timeLeft(attempt, total),
      output: end?.checkpoint,
      error: attempt.findLast(({ event }) => event === 'error')?.message,
    }),
  };
}

/** Removes the lines of later steps, which are repeated. */
function keepUntil(lines: ProgressLine[], step: number): void {
  const kept = lines.filter((line) => line.event === 'begin' || line.step === undefined || line.step <= step);
  lines.splice(0, lines.length, ...kept.filter(({ event }) => event !== 'end' && event !== 'error'));
}

function timeLeft(attempt: readonly ProgressLine[], total: number | undefined): number | undefined {
  const timed = attempt.filter((line) => line.event === 'log' && line.t !== undefined && line.step !== undefined);
  const last = timed.at(-1);
  const first = timed.at(-RATE_STEPS) ?? timed[0];
  if (total === undefined || last?.t === undefined || last.step === undefined) return undefined;
  if (first?.t === undefined || first.step === undefined || last.step <= first.step) return undefined;
  return Math.max(0, ((last.t - first.t) / (last.step - first.step)) * (total - last.step));
}
