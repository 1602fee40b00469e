import { resolve } from 'node:path';
import { difficultyPicture, type PictureRow } from '../core/sampling/index.ts';
import type { ProblemDifficulty } from '../protocol/sampling.ts';
import { type DifficultyReport, difficultyOf } from '../runner/sampling/difficulty.ts';
import { writeAtomic } from '../store/files.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const difficulty: Verb<'difficulty'> = async ({ dataset: folder, role, svg, csv }, { log }) => {
  const dataset = await Dataset.open(folder, { log });
  try {
    const report = await difficultyOf(dataset, role);
    const files = {
      ...(svg === undefined ? {} : { svg: resolve(svg) }),
      ...(csv === undefined ? {} : { csv: resolve(csv) }),
    };
    if (files.svg) await writeAtomic(files.svg, pictureOf(dataset.settings.name, report));
    if (files.csv) await writeAtomic(files.csv, tableOf(report.problems));
    return { ...report, ...files };
  } finally {
    await dataset.close();
  }
};

function pictureOf(name: string, { model, rounds }: DifficultyReport): string {
  const rows = rounds.map(
    ({ round, covered, before, after }): PictureRow => ({ title: round, covered, before, after }),
  );
  return difficultyPicture(`${name}: pass rates of ${model.model}`, rows);
}

function tableOf(problems: readonly ProblemDifficulty[]): string {
  const rows = problems.map(({ problemId, attempts, successes, ungraded, mean, low, high }) =>
    [cell(problemId), attempts, successes, ungraded, mean.toFixed(4), low.toFixed(4), high.toFixed(4)].join(','),
  );
  return ['problem_id,attempts,successes,ungraded,mean,low,high', ...rows, ''].join('\r\n');
}

/** RFC 4180. An id that a spreadsheet would take for a formula is written as text. */
function cell(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
