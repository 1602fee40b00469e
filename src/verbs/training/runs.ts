import { Dataset } from '../../store/index.ts';
import { scanRuns } from '../../store/runs.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { formatReportLine } from './print.ts';
import { reportInList } from './run-context.ts';

export const run: Run<'runs'> = async ({ dataset: folder, kind, ask = false }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const { runs: all, broken } = await scanRuns(dataset.folder);
  const stored = all.filter(({ record }) => kind === undefined || record.kind === kind);
  return { runs: await Promise.all(stored.map((run) => reportInList(run, dataset.folder, ask, context))), broken };
};

export const print: Print<'runs'> = ({ runs, broken }) =>
  runs.length + broken.length === 0
    ? 'No runs yet.'
    : lines(
        ...runs.map((run) => `${formatReportLine(run)}${run.state === 'unasked' ? `: ${run.message}` : ''}`),
        ...broken.map(({ run, message }) => `  ${run}: can’t be read: ${message}`),
      );
