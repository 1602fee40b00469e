import type { BrokenRun, RunReport } from '../protocol/training.ts';

/** The runs of a dataset, and what stands beside them and can't be read. */
export interface RunList {
  runs: readonly RunReport[];
  broken: readonly BrokenRun[];
}

/**
 * The runs of a dataset by its files alone, with what the trainers said last: what is known where no engine may be asked. What reads them is loaded
 * only where a dataset has runs.
 */
export async function storedRuns(folder: string): Promise<RunList> {
  const [{ attemptsOf, scanRuns, progressOf }, { foldProgress }] = await Promise.all([
    import('../store/runs.ts'),
    import('../core/training/curve.ts'),
  ]);
  const reports: RunReport[] = [];
  const { runs, broken } = await scanRuns(folder);
  for (const stored of runs) {
    const { id: run, kind, createdAt, engine, training, serving } = stored.record;
    const made = await attemptsOf(stored);
    const attempts = made.length;
    const lines = await progressOf(stored);
    // An attempt that has said nothing is not where the one before it was.
    const silent = (made.at(-1)?.told ?? 0) >= lines.length;
    const { step, total, epoch, ended, message } = foldProgress(silent ? [] : lines);
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
  return { runs: reports, broken };
}
