import { EngineError } from '../engines/engine.ts';
import { StoreError } from '../store/errors.ts';
import { Dataset } from '../store/index.ts';
import { listRuns } from '../store/runs.ts';
import { readRunState, unreachedReport } from '../trainers/report.ts';
import type { Verb } from './context.ts';
import { engineOf } from './run-context.ts';

export const runs: Verb<'runs'> = async ({ dataset: folder, kind }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = (await listRuns(dataset.folder)).filter(({ record }) => kind === undefined || record.kind === kind);
  const reports = stored.map(async (run) => {
    try {
      const engine = await engineOf(run.record.engine, dataset.folder, context);
      return (await readRunState(run, dataset.folder, engine, context.signal)).report;
    } catch (error) {
      // What is wrong with one of them, such as a token that is not here, is no reason to tell nothing of the others.
      if (error instanceof EngineError || error instanceof StoreError) return unreachedReport(run, error);
      throw error;
    }
  });
  return { runs: await Promise.all(reports) };
};
