import { Dataset } from '../store/index.ts';
import { scanRuns } from '../store/runs.ts';
import type { Verb } from './context.ts';
import { reportInList } from './run-context.ts';

export const runs: Verb<'runs'> = async ({ dataset: folder, kind, ask = false }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const { runs: all, broken } = await scanRuns(dataset.folder);
  const stored = all.filter(({ record }) => kind === undefined || record.kind === kind);
  return { runs: await Promise.all(stored.map((run) => reportInList(run, dataset.folder, ask, context))), broken };
};
