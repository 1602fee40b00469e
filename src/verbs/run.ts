import { linesOf } from '../core/training/progress.ts';
import { Dataset } from '../store/index.ts';
import { readRun } from '../store/runs.ts';
import { readRunState } from '../trainers/report.ts';
import type { Verb } from './context.ts';
import { engineOf, followRun } from './run-context.ts';

const LINES = 50;

export const run: Verb<'run'> = async ({ dataset: folder, run: id, follow, lines = LINES }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  const engine = await engineOf(stored.record.engine, dataset.folder, context);
  if (follow) await followRun(stored, dataset.folder, engine, context);
  const { report, progress, log } = await readRunState(stored, dataset.folder, engine, context.signal);
  const said = linesOf(log).filter((line) => line.trim() !== '');
  return { report, progress, log: lines === 0 ? [] : said.slice(-lines) };
};
