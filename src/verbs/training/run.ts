import { linesOf } from '../../core/training/progress.ts';
import { Dataset } from '../../store/index.ts';
import { readRun } from '../../store/runs.ts';
import { readRunState } from '../../trainers/runs/report.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { formatReport } from './print.ts';
import { engineOf, followRun } from './run-context.ts';

const LINES = 50;

export const run: Run<'run'> = async ({ dataset: folder, run: id, follow, lines = LINES }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  const engine = await engineOf(stored.record.engine, dataset.folder, context);
  if (follow) await followRun(stored, dataset.folder, engine, context);
  const { report, progress, log } = await readRunState(stored, dataset.folder, engine, context.signal);
  const written = linesOf(log).filter((line) => line.trim() !== '');
  return { report, progress, log: lines === 0 ? [] : written.slice(-lines) };
};

export const print: Print<'run'> = ({ report, log }) =>
  lines(formatReport(report), ...(log.length > 0 ? ['', ...log] : []));
