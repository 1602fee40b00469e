import { readPolicy, resolvePolicy } from '../core/answers/policies.ts';
import { isRow, type Row, valueAt } from '../core/importing/values.ts';
import type { GradingPolicy, Verdict } from '../core/model/index.ts';
import type { GradingPool, TimedVerdict } from '../grading/pool.ts';
import type { LineRead } from '../store/files.ts';
import { numberText, parseExactly } from './exact-json.ts';

/** What grading adds to a row, in this order; a row that has one of these already gets it anew. */
const ADDED = ['verdict', 'extracted', 'method', 'ms', 'detail', 'forms'];
/** Different policies in one file; beyond this the cache begins anew. */
const MOST_POLICIES = 1000;

export interface RowOptions {
  readonly goldKey: string;
  readonly predictionKey: string;
  /** For rows that bring none. */
  readonly policy: GradingPolicy;
  readonly signal: AbortSignal;
}

/** Grades rows of a file that is nobody's dataset. Whatever is wrong with a row is its verdict, and never ends the others. */
export class RowGrader {
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

  /** The row with its verdict, as a line of JSONL. Rejects only when the pool is closed or the signal aborted. */
  async grade(line: LineRead): Promise<string> {
    if ('error' in line) return this.#spoiled({ line: line.line }, line.error);
    const row = parseExactly(line.text);
    if (!isRow(row)) return this.#spoiled({ line: line.line, row }, 'the line is not a JSON object');
    const asked = this.#ask(row);
    if (typeof asked === 'string') return this.#finish(line.text, row, failed(asked));
    const { gold, prediction, policy } = asked;
    count(this.policies, policy.name ?? 'default');
    const graded = await this.#pool.gradeTimed(gold, prediction, policy, this.#options.signal);
    return this.#finish(line.text, row, graded);
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

  #spoiled(row: Row, reason: string): string {
    return this.#finish(JSON.stringify(row), row, failed(`${reason[0]?.toUpperCase()}${reason.slice(1)}.`));
  }

  #finish(text: string, row: Row, { verdict, ms }: TimedVerdict): string {
    this.rows += 1;
    this.msTotal += ms;
    this.msMax = Math.max(this.msMax, ms);
    count(this.outcomes, verdict.outcome);
    count(this.methods, verdict.method);
    return extended(text, row, {
      verdict: verdict.outcome,
      extracted: verdict.extracted ?? null,
      method: verdict.method,
      ms: Math.round(ms * 1000) / 1000,
      detail: verdict.detail ?? null,
      forms: verdict.gold === undefined ? null : { gold: verdict.gold, prediction: verdict.prediction ?? null },
    });
  }
}

/** The policy of a command line, or why it is none. */
export function policyOf(given: unknown): GradingPolicy | string {
  return given === undefined ? resolvePolicy('default') : readPolicy(given);
}

function failed(detail: string): TimedVerdict {
  const verdict: Verdict = { outcome: 'error', method: 'none', detail };
  return { verdict, ms: 0 };
}

/** Null is no answer; undefined: absent, or nothing that could be an answer. */
function textAt(row: Row, key: string): string | undefined {
  const value = valueAt(row, key);
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : numberText(value);
}

/** The row as it was written, with what was added at its end; only a row that was graded before is written anew. */
function extended(text: string, row: Row, added: Record<string, unknown>): string {
  const tail = JSON.stringify(added);
  const again = ADDED.some((key) => Object.hasOwn(row, key));
  const kept = again ? JSON.stringify(without(row, ADDED)) : text.trim();
  const empty = Object.keys(row).length === 0 || kept === '{}';
  return `${empty ? '{' : `${kept.slice(0, -1)},`}${tail.slice(1)}\n`;
}

function without(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
