import type { AnswerCounts, ChainTally } from '../../core/dataset/funnel/index.ts';
import { isAnswer } from '../../core/dialogue/index.ts';
import { addOutcome, addTallies, emptyTally, type Tally } from '../../core/sampling/index.ts';
import { type SampleOutcome, sampleOutcome } from '../../core/schemas/index.ts';
import type { GradeRow } from './rows.ts';

/** Graded answers by round and problem: first answers of dialogue rounds, and responses of sampling rounds. */
export interface GradeCounts {
  firsts: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  responses: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  /** By round: all answers of its dialogue, or its responses, by outcome. */
  answers: ReadonlyMap<string, AnswerCounts>;
  /** Responses by round and problem, each at its index. */
  samples: ReadonlyMap<string, ReadonlyMap<string, readonly SampleOutcome[]>>;
}

/** Counts the grades of all rounds; of several lines for a call the last one counts. */
export function countGrades(rows: Iterable<GradeRow>): GradeCounts {
  const last = new Map<string, GradeRow>();
  for (const row of rows) {
    if (isAnswer(row.piece) || row.piece === 'response') last.set(`${row.file} ${row.key}`, row);
  }
  const counts = { firsts: new Map(), responses: new Map() } satisfies Record<string, Map<string, Map<string, Tally>>>;
  const answers = new Map<string, Map<string, number>>();
  const samples = new Map<string, Map<string, SampleOutcome[]>>();
  for (const row of last.values()) {
    const { file, piece, problemId, index, outcome, reply } = row;
    const round = file.split('/')[1] ?? '';
    const outcomes = answers.get(round) ?? new Map<string, number>();
    answers.set(round, outcomes);
    const counted = answerOutcome(row);
    outcomes.set(counted, (outcomes.get(counted) ?? 0) + 1);
    if (piece !== 'answer[1]' && piece !== 'response') continue;
    const rounds: Map<string, Map<string, Tally>> = piece === 'response' ? counts.responses : counts.firsts;
    const tallies = rounds.get(round) ?? new Map<string, Tally>();
    rounds.set(round, tallies);
    const tally = tallies.get(problemId) ?? emptyTally(problemId);
    const sample = sampleOutcome(outcome, reply);
    tallies.set(problemId, addOutcome(tally, sample));
    if (piece !== 'response') continue;
    const problems = samples.get(round) ?? new Map<string, SampleOutcome[]>();
    samples.set(round, problems);
    const drawn = problems.get(problemId) ?? [];
    problems.set(problemId, drawn);
    drawn[index] = sample;
  }
  return { ...counts, answers, samples };
}

/** A dialogue uses only complete answers. A truncated response that is correct counts as correct. */
function answerOutcome({ piece, outcome, reply, noAnswer }: GradeRow): string {
  if (reply && (piece !== 'response' || outcome !== 'correct')) return reply;
  return noAnswer && (outcome === 'incorrect' || outcome === 'unknown') ? 'no-answer' : outcome;
}

/** The first `size` samples of each problem that has as many; the number of further samples may depend on their outcomes. */
export function firstSamples(
  problems: ReadonlyMap<string, readonly SampleOutcome[]>,
  size: number,
): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const [id, outcomes] of problems) {
    const first = outcomes.slice(0, size).filter((outcome) => outcome !== undefined);
    if (first.length === size) tallies.set(id, first.reduce(addOutcome, emptyTally(id)));
  }
  return tallies;
}

/** Tallies by problem, added over rounds. */
export function sumTallies(rounds: Iterable<ReadonlyMap<string, Tally> | undefined>): Map<string, Tally> {
  const sums = new Map<string, Tally>();
  for (const tallies of rounds) {
    for (const [id, tally] of tallies ?? []) {
      const before = sums.get(id);
      sums.set(id, before ? addTallies(before, tally) : tally);
    }
  }
  return sums;
}

/** Counts of a round by the index. */
export interface RoundTally extends ChainTally {
  answers: AnswerCounts;
}

export const NO_TALLY: RoundTally = { chains: 0, passed: 0, failed: new Map(), answers: new Map() };

/** By round: the number of chains, of passed chains, and of failures by filter. */
export function chainTallies(
  chains: Iterable<{ round: string; passed: boolean; failed: readonly string[] }>,
): Map<string, ChainTally> {
  const tallies = new Map<string, ChainTally & { failed: Map<string, number> }>();
  for (const { round, passed, failed } of chains) {
    const tally = tallies.get(round) ?? { chains: 0, passed: 0, failed: new Map<string, number>() };
    tallies.set(round, tally);
    tally.chains++;
    if (passed) tally.passed++;
    for (const id of failed) tally.failed.set(id, (tally.failed.get(id) ?? 0) + 1);
  }
  return tallies;
}
