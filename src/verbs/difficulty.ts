import { resolve } from 'node:path';
import { difficultyPicture, type PictureRow } from '../core/sampling/index.ts';
import { type DifficultyReport, difficultyOf } from '../runner/sampling/difficulty.ts';
import { writeAtomic } from '../store/files.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';
import { problemTable, roundTable } from './difficulty-tables.ts';

export const difficulty: Verb<'difficulty'> = async ({ dataset: folder, role, svg, csv, roundsCsv }, { log }) => {
  const dataset = await Dataset.open(folder, { log });
  try {
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
