import { Dataset } from '../store/index.ts';
import { listRuns } from '../store/runs.ts';
import { readRunState } from '../trainers/report.ts';
import type { Verb } from './context.ts';
import { engineOf } from './run-context.ts';

export const runs: Verb<'runs'> = async ({ dataset: folder, kind }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = (await listRuns(dataset.folder)).filter(({ record }) => kind === undefined || record.kind === kind);
  const reports = stored.map(async (run) => {
    const engine = await engineOf(run.record.engine, dataset.folder, context);
    return (await readRunState(run, dataset.folder, engine, context.signal)).report;
  });
  return { runs: await Promise.all(reports) };
};
