import type { ProblemDifficulty, RoundDifficulty } from '../protocol/sampling.ts';

/** How difficult each problem is, by all rounds, as CSV. */
export function problemTable(problems: readonly ProblemDifficulty[]): string {
  const rows = problems.map(({ problemId, attempts, successes, ungraded, mean, low, high }) => [
    ...[problemId, attempts, successes, ungraded],
    ...[mean, low, high].map((rate) => rate.toFixed(4)),
  ]);
  return csv(['problem_id', 'attempts', 'successes', 'ungraded', 'mean', 'low', 'high'], rows);
}

/** What each round did to coverage and difficulty as CSV: a line for each round and bucket of pass rates; no bounds are those never sampled. */
export function roundTable(rounds: readonly RoundDifficulty[]): string {
  const rows = rounds.flatMap(({ round, kind, problems, samples, correct, covered, before, after }) =>
    after.map((bucket, i) => [
      ...[round, kind, problems, samples, correct, covered.before, covered.after],
      ...[bucket.from ?? '', bucket.to ?? '', before[i]?.problems ?? 0, bucket.problems],
    ]),
  );
  const head = ['round', 'kind', 'problems', 'samples', 'correct', 'covered_before', 'covered_after'];
  return csv([...head, 'from', 'to', 'bucket_before', 'bucket_after'], rows);
}

/** RFC 4180. */
function csv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula is written as text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
