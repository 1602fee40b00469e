import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobHandle } from '../../../src/core/schemas/index.ts';
import { jobFileOf, type LocalJob } from '../../../src/engines/local/state.ts';
import { attemptFolder, JOB_FOLDER, runFolder } from '../../../src/store/runs.ts';
import { ROOT, stateOf } from '../../unit/engines/fixtures.ts';

/** Runs supervisors, all for the same attempt, on a job that no spec describes; resolves when one has started. */
export async function supervise(dataset: string, job: LocalJob, supervisors = 1): Promise<JobHandle> {
  const handle: JobHandle = { engine: 'local', jobId: 'by-hand', runId: 'by-hand', attempt: 1 };
  const attempt = attemptFolder(dataset, handle.runId, handle.attempt);
  await mkdir(attempt, { recursive: true });
  const folder = join(runFolder(dataset, handle.runId), JOB_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(jobFileOf(attempt), JSON.stringify(job));
  for (let n = 0; n < supervisors; n++) {
    spawn(process.execPath, [join(ROOT, 'dist', 'supervisor.mjs'), attempt, folder], {
      stdio: 'ignore',
      detached: true,
    }).unref();
  }
  for (;;) {
    const begun = await stateOf(dataset, handle).then(
      () => true,
      () => false,
    );
    if (begun) return handle;
    await new Promise((done) => setTimeout(done, 20));
  }
}
