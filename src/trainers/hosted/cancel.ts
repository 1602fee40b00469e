import { setTimeout as pause } from 'node:timers/promises';
import type { StoredRun } from '../../store/runs.ts';
import { isPassing } from './again.ts';
import { HostedError } from './errors.ts';
import type { Host } from './host.ts';
import { HostedJournal } from './journal.ts';
import { findJob } from './make-job.ts';
import { hostedNames } from './names.ts';
import { hostedConfig, hostedFile, openHost } from './open.ts';

const TRIES = 4;

/**
 * Cancels the job of a run at its host: to end the process that watches it would not, and it would be paid on. Nothing is done for one that was never made
 * or is over.
 * @param sleep milliseconds; for tests.
 * @throws HostedError when it could not be cancelled, or not be found though it was perhaps made: it goes on there.
 */
export async function cancelHosted(
  run: StoredRun,
  keyOf: (baseURL: string) => string | undefined,
  signal: AbortSignal,
  sleep = (ms: number) => pause(ms, undefined, { signal }),
): Promise<void> {
  const journal = new HostedJournal(run.folder);
  const { creating, jobId, ended } = await journal.read();
  if (ended !== undefined || (creating === undefined && jobId === undefined)) return;
  const config = await hostedConfig(run);
  for (let tried = 1; ; tried++) {
    try {
      const host = await openHost(config, keyOf, signal);
      const id = jobId ?? (await perhapsMade(run, host, sleep));
      const { state } = await host.look(id);
      if (state === 'waiting' || state === 'running') {
        await host.cancel(id);
        await journal.write({ event: 'ended', state: 'cancelled' });
      }
      return;
    } catch (error) {
      if (!(error instanceof HostedError)) throw error;
      if (error.problem === 'unclear') throw error;
      if (!isPassing(error) || tried >= TRIES) {
        const goesOn = `${jobId === undefined ? 'perhaps ' : ''}it goes on at ${new URL(config.baseURL).host}`;
        const words = `Nobody watches the job any more, but ${goesOn}: ${error.message}`;
        throw new HostedError(error.problem, words, `${error.advice} Then stop it again, or cancel it there.`, {
          cause: error,
        });
      }
      await sleep(Math.min(error.retryAfterMs ?? 1_000 * tried, 30_000));
    }
  }
}

/** @throws HostedError `unclear` where it can't be found. */
async function perhapsMade(run: StoredRun, host: Host, sleep: (ms: number) => Promise<void>): Promise<string> {
  const name = hostedNames(run, await hostedFile(run)).job;
  const { id } = await findJob(host, name, { perhaps: true, sleep });
  if (id !== undefined) return id;
  const message = 'A job was perhaps made at the host, and can’t be found there by its name: perhaps it goes on there.';
  throw new HostedError('unclear', message, `Look there for one named ${name}, and cancel it.`);
}
