import { csvTable } from '../core/text/csv.ts';
import type { ProblemDifficulty, RoundDifficulty } from '../protocol/sampling.ts';

/** How difficult each problem is, by all rounds, as CSV. */
export function problemTable(problems: readonly ProblemDifficulty[]): string {
  const rows = problems.map(({ problemId, attempts, successes, ungraded, mean, low, high }) => [
    ...[problemId, attempts, successes, ungraded],
    ...[mean, low, high].map((rate) => rate.toFixed(4)),
  ]);
  return csvTable(['problem_id', 'attempts', 'successes', 'ungraded', 'mean', 'low', 'high'], rows);
}

/** What each round did to coverage and difficulty as CSV: a line for each round and bucket of pass rates; no bounds are those never sampled. */
export function roundTable(rounds: readonly RoundDifficulty[]): string {
  const rows = rounds.flatMap(({ round, kind, problems, samples, correct, covered, before, after }) =>
    after.map((bucket, i) => [
      ...[round, kind, problems, samples, correct, covered.before, covered.after],
      ...[String(bucket.from ?? ''), String(bucket.to ?? ''), before[i]?.problems ?? 0, bucket.problems],
    ]),
  );
  const head = ['round', 'kind', 'problems', 'samples', 'correct', 'covered_before', 'covered_after'];
  return csvTable([...head, 'from', 'to', 'bucket_before', 'bucket_after'], rows);
}
