import { join } from 'node:path';
import type { EngineChoice } from '../core/model/index.ts';
import { JOB_FOLDER, OUT_FOLDER, PROGRESS_FILE } from '../store/runs.ts';
import type { JobPlace } from './trainer.ts';

/** Where a job of that engine finds its files and leaves its results. `runFolder`: that of the run on this machine. */
export function placeOf(engine: EngineChoice, runFolder: string, runId: string): JobPlace {
  if (engine.engine === 'local') {
    return {
      job: join(runFolder, JOB_FOLDER),
      out: join(runFolder, OUT_FOLDER),
      progress: join(runFolder, PROGRESS_FILE),
      frames: false,
    };
  }
  const shared = engine.sharedFolder === undefined ? '.' : `${engine.sharedFolder.replace(/\/+$/, '')}/${runId}`;
  return { job: '.', out: `${shared}/${OUT_FOLDER}`, progress: `${shared}/${PROGRESS_FILE}`, frames: true };
}
