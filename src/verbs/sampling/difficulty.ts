import { resolve } from 'node:path';
import {
  bucketName,
  countKinds,
  difficultyPicture,
  kindsText,
  mostSampled,
  type PictureRow,
  unsolvedKind,
} from '../../core/sampling/index.ts';
import { csvTable } from '../../core/text/csv.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { ProblemDifficulty, RoundDifficulty } from '../../protocol/sampling.ts';
import { type DifficultyReport, difficultyOf } from '../../runner/sampling/difficulty.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'difficulty'> = ({ dataset: folder, role, svg, csv, roundsCsv }, { distFolder, log }) =>
  withDataset(folder, { log, distFolder }, async (dataset) => {
    const report = await difficultyOf(dataset, role);
    const files = {
      ...(svg === undefined ? {} : { svg: resolve(svg) }),
      ...(csv === undefined ? {} : { csv: resolve(csv) }),
      ...(roundsCsv === undefined ? {} : { roundsCsv: resolve(roundsCsv) }),
    };
    if (files.svg) await writeAtomic(files.svg, pictureOf(dataset.settings.name, report));
    if (files.csv) await writeAtomic(files.csv, problemTable(report.problems));
    if (files.roundsCsv) await writeAtomic(files.roundsCsv, roundTable(report.rounds));
    return { ...report, ...files };
  });

export const print: Print<'difficulty'> = ({ model, role, problems, covered, rounds, svg, csv, roundsCsv }) =>
  lines(
    `${model.model} (${role}): ${formatCount(covered)} of ${plural(problems.length, 'problem')} with a correct answer.`,
    ...rounds.flatMap(({ round, problems: asked, samples, correct, covered: solved, before, after }) => [
      `  ${round}: ${plural(asked, 'problem')}, ${plural(samples, 'sample')}, ${formatCount(correct)} correct; covered ${formatCount(solved.before)} → ${formatCount(solved.after)}`,
      `    ${after.map((bucket, i) => `${bucketName(bucket)}: ${formatCount(before[i]?.problems ?? 0)} → ${formatCount(bucket.problems)}`).join(', ')}`,
    ]),
    `  ${formatCount(countKinds(problems).solved)} solved, ${kindsText(problems)}.`,
    ...hardest(problems),
    ...(svg === undefined ? [] : [`Picture: ${svg}`]),
    ...(csv === undefined ? [] : [`Table of the problems: ${csv}`]),
    ...(roundsCsv === undefined ? [] : [`Table of the rounds: ${roundsCsv}`]),
  );

/** As many hard problems as a terminal shows at a glance; the CSV has all. */
const HARD_SHOWN = 10;

/** Problems that were sampled most and never solved. */
function hardest(problems: readonly ProblemDifficulty[]): string[] {
  const hard = mostSampled(problems, 'never-solved');
  const shown = hard
    .slice(0, HARD_SHOWN)
    .map(
      ({ problemId, attempts, high }) =>
        `    ${problemId}: 0 of ${formatCount(attempts)}, pass rate below ${high.toFixed(2)} (95 %)`,
    );
  const more = hard.length - shown.length;
  return [
    ...(hard.length === 0 ? [] : ['  Never solved, the most sampled first:']),
    ...shown,
    ...(more > 0 ? [`    … ${formatCount(more)} more; --csv writes all problems`] : []),
  ];
}

function pictureOf(name: string, { model, rounds }: DifficultyReport): string {
  const rows = rounds.map(
    ({ round, covered, before, after }): PictureRow => ({ title: round, covered, before, after }),
  );
  return difficultyPicture(`${name}: pass rates of ${model.model}`, rows);
}

/** The difficulty of each problem by all rounds, as CSV. */
export function problemTable(problems: readonly ProblemDifficulty[]): string {
  const rows = problems.map(({ problemId, attempts, successes, ungraded, truncated, mean, low, high }) => [
    problemId,
    unsolvedKind({ attempts, successes, ungraded, truncated }) ?? 'solved',
    ...[attempts, successes, ungraded],
    ...[mean, low, high].map((rate) => rate.toFixed(4)),
  ]);
  return csvTable(['problem_id', 'state', 'attempts', 'successes', 'ungraded', 'mean', 'low', 'high'], rows);
}

/** Changes of coverage and difficulty by each round, as CSV: a line per round and bucket; problems without a correct sample have no bounds. */
export function roundTable(rounds: readonly RoundDifficulty[]): string {
  const rows = rounds.flatMap(({ round, kind, problems, samples, correct, covered, before, after }) =>
    after.map((bucket, i) => [
      ...[round, kind, problems, samples, correct, covered.before, covered.after],
      ...[
        bucketName(bucket),
        String(bucket.from ?? ''),
        String(bucket.to ?? ''),
        before[i]?.problems ?? 0,
        bucket.problems,
      ],
    ]),
  );
  const head = ['round', 'kind', 'problems', 'samples', 'correct', 'covered_before', 'covered_after'];
  return csvTable([...head, 'bucket', 'from', 'to', 'bucket_before', 'bucket_after'], rows);
}
