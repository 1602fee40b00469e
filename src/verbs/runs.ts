import { Dataset } from '../store/index.ts';
import { listRuns } from '../store/runs.ts';
import type { Verb } from './context.ts';
import { reportOrWhyNot } from './run-context.ts';

export const runs: Verb<'runs'> = async ({ dataset: folder, kind }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = (await listRuns(dataset.folder)).filter(({ record }) => kind === undefined || record.kind === kind);
  return { runs: await Promise.all(stored.map((run) => reportOrWhyNot(run, dataset.folder, context))) };
};
