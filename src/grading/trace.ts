import { classifierSpans } from '../core/behaviours/annotate.ts';
import { candidatesKnowing } from '../core/behaviours/candidates.ts';
import type { Head } from '../core/behaviours/head/inputs.ts';
import {
  joinTrace,
  type MappedTrace,
  type TracePlace,
  taggedTrace,
  traceChain,
  traceEnd,
} from '../core/dataset/index.ts';
import { type FilterContext, runFilters } from '../core/filters/index.ts';
import type { Chain, FilterSettings, GradingPolicy, Outcome, Verdict } from '../core/schemas/index.ts';
import { candidateOutcomes } from './candidates.ts';
import { type Grader, gradeEnded } from './reply.ts';

export interface TraceGrading {
  pool: Grader;
  policy: GradingPolicy;
  filters: FilterSettings;
  /** What the filters need of other texts. */
  filterContext?: FilterContext;
  /** A dataset's own head of the classifier. */
  head?: Head | undefined;
  signal?: AbortSignal;
}

/** A chain as the JSON that is stored, made where it is graded, and what an import counts. */
export interface ChainLine {
  json: string;
  passed: boolean;
  outcome: Outcome;
  /** UTF-16 code units of the text. */
  length: number;
}

export function lineOf(chain: Chain): ChainLine {
  const { passed, verdict, text } = chain;
  return { json: jsonOf(chain), passed, outcome: verdict.outcome, length: text.length };
}

/** The candidates come last: their names are often numbers, with which all of an object takes twice as long to write. */
function jsonOf({ candidates, ...chain }: Chain): string {
  const json = JSON.stringify(chain);
  return candidates === undefined ? json : `${json.slice(0, -1)},"candidates":${JSON.stringify(candidates)}}`;
}

/** The verdict of a trace that has no gold answer. */
const NO_GOLD: Verdict = { outcome: 'unknown', method: 'none', detail: 'The row has no gold answer.' };

/**
 * Grades a trace against a gold answer, marks its behaviours and runs the filters, except for `length-band`, which needs other traces.
 * @param gold Undefined: the verdict is unknown. Rejects when the pool is closed or the signal aborts.
 */
export async function gradeTrace(
  trace: MappedTrace,
  gold: string | undefined,
  place: TracePlace,
  { pool, policy, filters: settings, filterContext, head, signal }: TraceGrading,
): Promise<Chain> {
  const text = joinTrace(trace.parts);
  const tagged = taggedTrace(trace.parts);
  const verdict = gold === undefined ? NO_GOLD : await gradeEnded(pool, gold, tagged, traceEnd(trace), policy, signal);
  const candidatesOf = candidatesKnowing(text, trace.question);
  const values = candidatesOf(gold).map(({ answer }) => answer);
  const candidates = gold === undefined ? undefined : await candidateOutcomes(pool, values, gold, policy, signal);
  const chain = traceChain(trace, place, verdict);
  const spans =
    trace.exported?.spans ?? classifierSpans(text, { problem: trace.question, head, candidates: candidatesOf() });
  const subject = { text, problem: trace.question, pieces: chain.pieces, verdict, spans };
  const filters = runFilters(subject, settings, filterContext);
  return {
    ...chain,
    ...(candidates === undefined ? {} : { candidates }),
    spans,
    filters,
    passed: filters.every((filter) => filter.passed),
  };
}
