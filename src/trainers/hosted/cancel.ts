import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredRun } from '../../store/runs.ts';
import { HostedError } from './errors.ts';
import { HostedJournal } from './journal.ts';
import { hostedConfig, hostedFile, hostedNames, openHost } from './open.ts';

const TRIES = 4;

/**
 * Cancels the job of a run at its host: to end the process that watches it would not, and it would be paid on. Nothing is done for one that was never made
 * or is over.
 * @throws HostedError when it could not be cancelled: it goes on there.
 */
export async function cancelHosted(
  run: StoredRun,
  keyOf: (baseURL: string) => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const journal = new HostedJournal(run.folder);
  const { creating, jobId, ended, fileId } = await journal.read();
  if (ended !== undefined || !creating) return;
  const config = await hostedConfig(run);
  for (let tried = 1; ; tried++) {
    try {
      const host = await openHost(config, keyOf, signal);
      const id = jobId ?? (await host.findJob(hostedNames(run, await hostedFile(run)).job, fileId ?? ''));
      if (id === undefined) return;
      const { state } = await host.look(id);
      if (state === 'waiting' || state === 'running') {
        await host.cancel(id);
        await journal.write({ event: 'ended', state: 'cancelled' });
      }
      return;
    } catch (error) {
      if (!(error instanceof HostedError)) throw error;
      const isPassing = error.problem === 'busy' || error.problem === 'unreachable';
      if (!isPassing || tried >= TRIES) {
        const words = `Nobody watches the job any more, but it goes on at ${new URL(config.baseURL).host}: ${error.message}`;
        throw new HostedError(error.problem, words, `${error.advice} Then stop it again, or cancel it there.`, {
          cause: error,
        });
      }
      await sleep(Math.min(error.retryAfterMs ?? 1_000 * tried, 30_000), undefined, { signal });
    }
  }
}
