import { addOutcome, addTallies, emptyTally, type Tally } from '../core/sampling/index.ts';
import type { GradeRow } from './rows.ts';

/** Graded answers to problems, by round and problem: first answers of dialogue rounds and responses of sampling rounds apart. */
export interface GradeCounts {
  firsts: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
  responses: ReadonlyMap<string, ReadonlyMap<string, Tally>>;
}

/** Counts the grades of all rounds; of several lines for one call the last one counts. */
export function countGrades(rows: Iterable<GradeRow>): GradeCounts {
  const last = new Map<string, GradeRow>();
  for (const row of rows) {
    if (row.piece === 'answer[1]' || row.piece === 'response') last.set(`${row.file} ${row.key}`, row);
  }
  const counts = { firsts: new Map(), responses: new Map() } satisfies Record<string, Map<string, Map<string, Tally>>>;
  for (const { file, piece, problemId, outcome, truncated } of last.values()) {
    const rounds: Map<string, Map<string, Tally>> = piece === 'response' ? counts.responses : counts.firsts;
    // The folder is the truth, as for chains.
    const round = file.split('/')[1] ?? '';
    const tallies = rounds.get(round) ?? new Map<string, Tally>();
    rounds.set(round, tallies);
    const said = truncated && outcome !== 'correct' ? 'truncated' : outcome;
    tallies.set(problemId, addOutcome(tallies.get(problemId) ?? emptyTally(problemId), said));
  }
  return counts;
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
