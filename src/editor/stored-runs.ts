import type { RunReport } from '../protocol/training.ts';

/**
 * The runs of a dataset by its files alone, with what the trainers said last: what is known where no engine may be asked. What reads them is loaded
 * only where a dataset has runs.
 */
export async function storedReports(folder: string): Promise<RunReport[]> {
  const [{ attemptsOf, listRuns, progressOf }, { foldProgress }] = await Promise.all([
    import('../store/runs.ts'),
    import('../core/training/curve.ts'),
  ]);
  const reports: RunReport[] = [];
  for (const stored of await listRuns(folder)) {
    const { id: run, kind, createdAt, engine, training, serving } = stored.record;
    const attempts = (await attemptsOf(stored)).length;
    const { step, total, epoch, ended, message } = foldProgress(await progressOf(stored));
    const state =
      attempts === 0 ? 'prepared' : ended === undefined ? 'unreachable' : ended === 'end' ? 'succeeded' : 'failed';
    reports.push({
      ...{ run, folder: stored.folder, kind, createdAt, engine, state, attempts, checkpoints: [] },
      ...(training === undefined ? {} : { trainer: training.trainer, model: training.model, export: training.export }),
      ...(serving === undefined ? {} : { serving, model: serving.model }),
      ...(step === undefined ? {} : { step }),
      ...(total === undefined ? {} : { total }),
      ...(epoch === undefined ? {} : { epoch }),
      ...(message === undefined ? {} : { message }),
    });
  }
  return reports;
}
