import { defined } from '../../core/defined.ts';
import type { BrokenRun, RunReport } from '../../protocol/training.ts';

/** The runs of a dataset, and those that can't be read. */
export interface RunList {
  runs: readonly RunReport[];
  broken: readonly BrokenRun[];
}

/**
 * The runs of a dataset from its files alone, with the last progress of the trainers, for when no engine may be asked. Modules are loaded
 * on demand, since this runs at activation.
 */
export async function storedRuns(folder: string): Promise<RunList> {
  const [{ attemptsOf, scanRuns, progressOf }, { foldProgress }] = await Promise.all([
    import('../../store/runs.ts'),
    import('../../core/training/curve.ts'),
  ]);
  const reports: RunReport[] = [];
  const { runs, broken } = await scanRuns(folder);
  for (const stored of runs) {
    const { id: run, kind, createdAt, engine, training, serving } = stored.record;
    const made = await attemptsOf(stored);
    const attempts = made.length;
    const lines = await progressOf(stored);
    // Lines of an earlier start don't count.
    const silent = (made.at(-1)?.told ?? 0) >= lines.length;
    const { step, total, epoch, ended, message } = foldProgress(silent ? [] : lines);
    const state =
      attempts === 0 ? 'prepared' : ended === undefined ? 'unreachable' : ended === 'end' ? 'succeeded' : 'failed';
    reports.push({
      run,
      folder: stored.folder,
      kind,
      createdAt,
      engine,
      state,
      attempts,
      checkpoints: [],
      ...defined({
        trainer: training?.trainer,
        export: training?.export,
        model: serving?.model ?? training?.model,
        serving,
        step,
        total,
        epoch,
        message,
      }),
    });
  }
  return { runs: reports, broken };
}
