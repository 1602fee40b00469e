import { LogSplitter } from '../jobs/log-frames.ts';
import { ProgressLine } from '../model/index.ts';

/** The lines of progress that stand in a log, in order; what does not parse is no progress. */
export function framesOf(log: string): ProgressLine[] {
  const splitter = new LogSplitter();
  return [...splitter.push(log), ...splitter.end()].flatMap((item) => (item.kind === 'progress' ? [item.line] : []));
}

/** Lines of a log; progress bars write over themselves with a carriage return. */
export function linesOf(log: string): string[] {
  return log.split(/\r\n|\r|\n/);
}

/** A line of `progress.jsonl`; undefined when it is none. */
export function readProgress(line: string): ProgressLine | undefined {
  try {
    return ProgressLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Keys of transformers' logs in our words. */
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
 * A line that transformers' Trainer prints: a dict of Python, with numbers up to version 4 and strings since 5. Undefined for any other line, and
 * for one without a loss. A number that is no finite number is left out.
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

/** How far a training is, by all that its trainer said. */
export interface ProgressSoFar {
  /** What counts: a resumed training says again what it had said after the checkpoint that it went on from. */
  lines: ProgressLine[];
  /** Those of the last attempt. All that follows is by them alone: what an attempt before it reached is not its own. */
  attempt: ProgressLine[];
  step?: number;
  total?: number;
  epoch?: number;
  loss?: number;
  lr?: number;
  /** From the time between the last steps; absent where they can't tell. */
  secondsLeft?: number;
  /** Folder of the trained model, relative to the run, once it is whole. */
  output?: string;
  /** What the trainer said of its own failure. */
  error?: string;
}

/** Over so many last steps the rate is taken. */
const RATE_STEPS = 20;

/**
 * Folds all lines, of all attempts, oldest first.
 * @param before how many of them the attempts before the last one left; one that ended early has added none.
 */
export function progressSoFar(all: readonly ProgressLine[], before = 0): ProgressSoFar {
  const lines: ProgressLine[] = [];
  for (const line of all) {
    if (line.event === 'begin') keepUntil(lines, line.step ?? 0);
    lines.push(line);
  }
  // A trainer that writes its file anew leaves fewer lines than there were.
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
  const error = attempt.findLast(({ event }) => event === 'error')?.message;
  const step = attempt.findLast((line) => line.step !== undefined)?.step;
  const total = attempt.findLast((line) => line.total !== undefined)?.total;
  const epoch = attempt.findLast((line) => line.epoch !== undefined)?.epoch;
  const secondsLeft = end ? undefined : timeLeft(attempt, total);
  return {
    lines,
    attempt,
    ...(step === undefined ? {} : { step }),
    ...(total === undefined ? {} : { total }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(last?.loss === undefined ? {} : { loss: last.loss }),
    ...(last?.lr === undefined ? {} : { lr: last.lr }),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    ...(end?.checkpoint === undefined ? {} : { output: end.checkpoint }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Takes out what was said of steps after `step`, which are made again. */
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
