import { FINISH_NAMES } from '../../core/dataset/traces.ts';
import { plainColumn, type Row, valueAt } from '../../core/dataset/values.ts';
import { readPolicy, resolvePolicy } from '../../core/grading/policies.ts';
import {
  finishOutcome,
  type GradingPolicy,
  type ReplyOutcome,
  sampleOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { GradingPool, TimedVerdict } from '../../grading/pool.ts';
import { gradeEnded } from '../../grading/reply.ts';
import type { LineRead } from '../../store/lines/files.ts';
import { numberText } from '../rows/sink.ts';
import { extendedRow, type RowWork, rowOf } from '../rows/stream.ts';

/** Different policies in one file; beyond this the cache is cleared. */
const MOST_POLICIES = 1000;

export interface RowOptions {
  readonly goldKey: string;
  readonly predictionKey: string;
  /** For rows that bring none. */
  readonly policy: GradingPolicy;
  readonly signal: AbortSignal;
}

/** Grades rows of a file outside any dataset. A problem with a row is its verdict, and never stops the others. */
export class RowGrader implements RowWork {
  readonly outcomes: Record<string, number> = {};
  readonly methods: Record<string, number> = {};
  readonly policies: Record<string, number> = {};
  rows = 0;
  msTotal = 0;
  msMax = 0;
  readonly #pool: GradingPool;
  readonly #options: RowOptions;
  readonly #known = new Map<string, GradingPolicy | string>();

  constructor(pool: GradingPool, options: RowOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  async take(line: LineRead): Promise<string> {
    const read = rowOf(line);
    if ('reason' in read) return this.#finish(JSON.stringify(read.row), read.row, failed(read.reason));
    const { row, text } = read;
    const asked = this.#ask(row);
    if (typeof asked === 'string') return this.#finish(text, row, failed(asked));
    const { gold, prediction, policy } = asked;
    const ended = endOf(row);
    count(this.policies, policy.name ?? 'default');
    let ms = 0;
    const grade: GradingPool['grade'] = async (...args) => {
      const timed = await this.#pool.gradeTimed(...args);
      ms = timed.ms;
      return timed.verdict;
    };
    const verdict = await gradeEnded({ grade }, gold, prediction, ended, policy, this.#options.signal);
    return this.#finish(text, row, { verdict, ms }, ended);
  }

  progress(): { rows: number; message: string } {
    return {
      rows: this.rows,
      message: `${plural(this.rows, 'row')}, ${formatCount(this.outcomes.correct ?? 0)} correct`,
    };
  }

  /** What is to be graded; a string when the row cannot be: why. */
  #ask(row: Row): { gold: string; prediction: string; policy: GradingPolicy } | string {
    const { goldKey, predictionKey } = this.#options;
    const gold = textAt(row, goldKey);
    const prediction = textAt(row, predictionKey);
    for (const [key, text] of [
      [goldKey, gold],
      [predictionKey, prediction],
    ] as const) {
      if (text !== undefined) continue;
      if (valueAt(row, key) !== undefined) return `“${key}” is neither text nor a number.`;
      return `The row has no “${key}”; it has ${Object.keys(row).slice(0, 10).join(', ') || 'nothing'}.`;
    }
    const policy = this.#policyOf(row.policy);
    if (typeof policy === 'string') return policy;
    return { gold: gold ?? '', prediction: prediction ?? '', policy };
  }

  #policyOf(given: unknown): GradingPolicy | string {
    if (given === undefined || given === null) return this.#options.policy;
    const key = JSON.stringify(given);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_POLICIES) this.#known.clear();
    const policy = readPolicy(given);
    this.#known.set(key, policy);
    return policy;
  }

  #finish(text: string, row: Row, { verdict, ms }: TimedVerdict, ended?: ReplyOutcome): string {
    const outcome = sampleOutcome(verdict.outcome, ended);
    this.rows += 1;
    this.msTotal += ms;
    this.msMax = Math.max(this.msMax, ms);
    count(this.outcomes, outcome);
    count(this.methods, verdict.method);
    return extendedRow(text, row, {
      verdict: outcome,
      extracted: verdict.extracted ?? null,
      method: verdict.method,
      ms: Math.round(ms * 1000) / 1000,
      detail: verdict.detail ?? null,
      forms: verdict.gold === undefined ? null : { gold: verdict.gold, prediction: verdict.prediction ?? null },
    });
  }
}

/** How the reply of a row ended, by its column of finish reasons; `answered` where it has none. */
function endOf(row: Row): ReplyOutcome {
  const column = Object.keys(row).find((name) => FINISH_NAMES.includes(plainColumn(name)));
  const finish = column === undefined ? undefined : row[column];
  return typeof finish === 'string' ? finishOutcome(finish) : 'answered';
}

/** The policy of a command line, or why it is none. */
export function policyOf(given: unknown): GradingPolicy | string {
  return given === undefined ? resolvePolicy('default') : readPolicy(given);
}

function failed(detail: string): TimedVerdict {
  const verdict: Verdict = { outcome: 'error', method: 'none', detail };
  return { verdict, ms: 0 };
}

/** The answer at a dotted path. Empty: null is no answer; undefined: absent, or nothing that could be an answer. */
export function textAt(row: Row, key: string): string | undefined {
  const value = valueAt(row, key);
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : numberText(value);
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
