import type { AnswerCounts, ChainTally } from '../../core/dataset/funnel/index.ts';
import { isAnswer } from '../../core/dialogue/index.ts';
import { addOutcome, addTallies, emptyTally, type Tally } from '../../core/sampling/index.ts';
import { type SampleOutcome, sampleOutcome } from '../../core/schemas/index.ts';
import type { ChainRow, GradeRow } from './rows.ts';
import type { Segment } from './segment.ts';
import { Table } from './table.ts';

/** Graded answers by round and problem: first answers of dialogue rounds, and responses of sampling rounds. */
export interface GradeCounts {
  firsts: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  responses: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  /** By round: all answers of its dialogue, or its responses, by outcome. */
  answers: ReadonlyMap<string, AnswerCounts>;
  /** Responses by round and problem, each at its index. */
  samples: ReadonlyMap<string, ReadonlyMap<string, readonly SampleOutcome[]>>;
}

/** The answers and responses of each file; of several lines for a call the last one counts. */
function* lastGrades(files: readonly Segment<GradeRow>[]): Generator<GradeRow> {
  for (const file of files) {
    for (const row of new Table([file], 'key')) if (isAnswer(row.piece) || row.piece === 'response') yield row;
  }
}

/** Counts the grades of all rounds. */
export function countGrades(files: readonly Segment<GradeRow>[]): GradeCounts {
  const counts = { firsts: new Map(), responses: new Map() } satisfies Record<string, Map<string, Map<string, Tally>>>;
  const answers = new Map<string, Map<string, number>>();
  const samples = new Map<string, Map<string, SampleOutcome[]>>();
  for (const row of lastGrades(files)) {
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
export function tallyChains(chains: Table<ChainRow>): Map<string, ChainTally> {
  const [round, passed, failed] = [chains.codes('round'), chains.codes('passed'), chains.codes('failed')];
  const tallies = round.values.map(() => ({ chains: 0, passed: 0, failed: new Uint32Array(failed.values.length) }));
  for (let i = 0; i < chains.size; i++) {
    const tally = tallies[round.codes[i] ?? 0];
    const combination = failed.codes[i] ?? 0;
    if (!tally) continue;
    tally.chains++;
    if (passed.values[passed.codes[i] ?? 0]) tally.passed++;
    tally.failed[combination] = (tally.failed[combination] ?? 0) + 1;
  }
  return new Map(
    tallies.map((tally, code) => {
      const byFilter = new Map<string, number>();
      tally.failed.forEach((count, combination) => {
        for (const id of count > 0 ? (failed.values[combination] ?? []) : [])
          byFilter.set(id, (byFilter.get(id) ?? 0) + count);
      });
      return [round.values[code] ?? '', { ...tally, failed: byFilter }];
    }),
  );
}
