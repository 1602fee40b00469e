import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
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
  const results = sharedResults(engine, runFolder, runId) ?? '.';
  return { job: '.', out: `${results}/${OUT_FOLDER}`, progress: `${results}/${PROGRESS_FILE}`, frames: true };
}

/**
 * The folder of a run's results on what all nodes share; undefined where nothing is shared. Slurm's engine keeps runs of two datasets apart by itself;
 * on Ray, two datasets may have a run of one name, and neither may write into the other's.
 */
export function sharedResults(engine: EngineChoice, runFolder: string, runId: string): string | undefined {
  if (engine.engine === 'local' || engine.sharedFolder === undefined) return undefined;
  const shared = engine.sharedFolder.replace(/(?<=.)\/+$/, '');
  if (engine.engine === 'slurm') return `${shared}/${runId}`;
  const scope = createHash('sha256')
    .update(`${hostname()}\0${resolve(runFolder)}`)
    .digest('hex')
    .slice(0, 8);
  return `${shared}/${runId}-${scope}`;
}
