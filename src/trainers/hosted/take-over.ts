import type { StoredRun } from '../../store/runs.ts';
import { HostedError } from './errors.ts';
import { HostedJournal } from './journal.ts';
import { hostedNames } from './names.ts';
import { hostedConfig, hostedFile, openHost } from './open.ts';

/**
 * Makes a job of the host the one of this run, which a person found there: when it goes on, it is watched in place of making one.
 * @throws HostedError `refused` where the host does not know it, or the run has another one; `over` where that is over.
 */
export async function takeOverJob(
  run: StoredRun,
  id: string,
  keyOf: (baseURL: string) => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const journal = new HostedJournal(run.folder);
  const { jobId, ended } = await journal.read();
  if (ended !== undefined) throw new HostedError('over', `The job of run ${run.record.id} is over.`, 'Train again.');
  if (jobId === id) return;
  if (jobId !== undefined) {
    const advice = `Resume without --job, or cancel ${jobId} and train again.`;
    throw new HostedError('refused', `Run ${run.record.id} has job ${jobId}.`, advice);
  }
  const host = await openHost(await hostedConfig(run), keyOf, signal);
  await host.look(id);
  await journal.write({ event: 'created', job: hostedNames(run, await hostedFile(run)).job, id });
}
