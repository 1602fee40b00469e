import { setTimeout as pause } from 'node:timers/promises';
import type { StoredRun } from '../../store/runs.ts';
import { isPassing } from './again.ts';
import { HostedError } from './errors.ts';
import type { Host } from './host.ts';
import { hostedNames } from './host.ts';
import { HostedJournal } from './journal.ts';
import { findJob } from './make-job.ts';
import { hostedConfig, hostedFile, openHost } from './open.ts';

const TRIES = 4;

/**
 * Cancels the job of a run at its host, which would otherwise continue and be charged. Does nothing for a job that was never created or has ended.
 * @param sleep milliseconds; for tests.
 * @throws HostedError when it can't be cancelled, or not found though it may exist.
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
      if (error.kind === 'unclear') throw error;
      if (!isPassing(error) || tried >= TRIES) {
        const goesOn = `it ${jobId === undefined ? 'may continue' : 'continues'} at ${new URL(config.baseURL).host}`;
        const words = `The job is no longer monitored, but ${goesOn}: ${error.message}`;
        throw new HostedError(error.kind, words, `${error.advice} Then stop it again, or cancel it there.`, {
          cause: error,
        });
      }
      await sleep(Math.min(Math.max(error.retryAfterMs ?? 0, 1_000 * tried), 30_000));
    }
  }
}

/** @throws HostedError `unclear` when it can't be found */
async function perhapsMade(run: StoredRun, host: Host, sleep: (ms: number) => Promise<void>): Promise<string> {
  const name = hostedNames(run, await hostedFile(run)).job;
  const { id } = await findJob(host, name, { perhaps: true, sleep });
  if (id !== undefined) return id;
  const message = 'The host may have created a job. It can’t be found there by its name, and may continue.';
  throw new HostedError('unclear', message, `Look there for a job named ${name}, and cancel it.`);
}
