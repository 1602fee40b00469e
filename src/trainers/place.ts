import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineChoice } from '../core/schemas/index.ts';
import { JOB_FOLDER, OUT_FOLDER, PROGRESS_FILE } from '../store/runs.ts';
import type { JobPlace } from './trainer.ts';

/** The paths of a job's files and results for an engine. `runFolder`: the run's folder on this machine. */
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
 * The folder of a run's results on shared storage; undefined without it. Slurm's engine separates datasets itself; on Ray, runs of the same name in
 * two datasets must not share a folder.
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
