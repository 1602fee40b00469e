import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cut, joinContinuation, writtenText } from '../../core/continuation/cut.ts';
import type { StepTally } from '../../core/continuation/step-search.ts';
import { type CallRequest, JournalLine, type ModelRef, sampleOutcome } from '../../core/schemas/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines/files.ts';
import { roundsOf } from '../sampling/tallies.ts';
import { type Asking, continuationRequest, gradeJoined } from './continuing.ts';

/** Paid samples of this model by problem: responses of its sampling rounds, and continuations. */
export type PaidSamples = ReadonlyMap<string, readonly JournalLine[]>;

/** Reads the journals of the model's rounds. @param problems ids of the problems whose samples are read */
export async function readPaidSamples(
  dataset: Dataset,
  model: ModelRef,
  problems: ReadonlySet<string>,
): Promise<PaidSamples> {
  const paid = new Map<string, JournalLine[]>();
  for (const { round } of await roundsOf(dataset, model)) {
    for await (const line of linesOf(join(dataset.roundFolder(round), 'journal.jsonl'), JournalLine)) {
      const isSample = line.piece === 'response' || line.piece === 'continuation';
      if (!isSample || !problems.has(line.problemId)) continue;
      const lines = paid.get(line.problemId);
      if (lines === undefined) paid.set(line.problemId, [line]);
      else lines.push(line);
    }
  }
  return paid;
}

/** What the paid samples say about the steps of a chain. */
export interface KnownOutcomes {
  /** Continuations of exactly these steps, as a search requests them. */
  own: StepTally[];
  /** The numbers of these, by place. */
  indexes: ReadonlyMap<number, ReadonlySet<number>>;
  /** Samples that began earlier, and wrote the same steps: each counts at every place that it passes. */
  passing: StepTally[];
}

/** A paid sample that has the steps of a place. */
interface Match {
  line: JournalLine;
  cut: Cut;
  kept: number;
  /** A continuation of exactly these steps. */
  isOwn: boolean;
}

/** The paid samples that begin as the chain does. @param cuts by number of kept steps */
export function matchSamples(
  dataset: Dataset,
  asking: Asking,
  cuts: readonly Cut[],
  samples: readonly JournalLine[],
): Match[] {
  const { chain } = asking;
  const itself = new Set([...chain.pieces.map(({ call }) => call), chain.continues?.call]);
  const like = continuationRequest(dataset, asking, { prefix: '' }, 0);
  return samples.flatMap((line) => {
    const { prefix = '' } = line.request;
    if (itself.has(line.key) || !isSameAsking(line.request, like)) return [];
    const written = writtenText(prefix, line.reply);
    return cuts.flatMap((cut, kept): Match[] => {
      const isOwn = line.piece === 'continuation' && prefix === cut.prefix;
      const passes = kept > 0 && prefix.length < cut.prefix.length && beginsWith(written, cut.prefix);
      return isOwn || passes ? [{ line, cut, kept, isOwn }] : [];
    });
  });
}

/** Grades the matches, each sample once. */
export async function gradeMatches(
  dataset: Dataset,
  { problem }: Pick<Asking, 'problem'>,
  matches: readonly Match[],
  { pool, signal }: { pool: GradingPool; signal: AbortSignal },
): Promise<KnownOutcomes> {
  const graded = new Map<string, boolean>();
  const indexes = new Map<number, Set<number>>();
  const own: StepTally[] = [];
  const passing: StepTally[] = [];
  for (const { line, cut, kept, isOwn } of matches) {
    const { request, reply } = line;
    const rest = isOwn ? reply : { text: writtenText(request.prefix ?? '', reply).slice(cut.prefix.length) };
    let isRight = graded.get(line.key);
    if (isRight === undefined) {
      const joined = joinContinuation(cut, rest);
      const { verdict, ended } = await gradeJoined(dataset, { problem, joined, reply }, pool, signal);
      isRight = sampleOutcome(verdict.outcome, ended) === 'correct';
      graded.set(line.key, isRight);
    }
    (isOwn ? own : passing).push({ kept, right: Number(isRight), wrong: Number(!isRight) });
    if (isOwn) indexes.set(kept, (indexes.get(kept) ?? new Set()).add(line.index));
  }
  return { own, indexes, passing };
}

/** Whether only seed and prefix differ. */
function isSameAsking(a: CallRequest, b: CallRequest): boolean {
  const what = ({ host, model, messages, sampling }: CallRequest): object => ({ host, model, messages, sampling });
  return isDeepStrictEqual(what(a), what(b));
}

/** Whether a text has these steps and goes on after them: `x = 12` does not continue `x = 1`. */
function beginsWith(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && /\s/.test(text[prefix.length] ?? '');
}
