import type { StoredRun } from '../../store/runs.ts';
import { type Patience, withRetries } from './again.ts';
import { HostedError } from './errors.ts';
import type { Host, JobSearch } from './host.ts';
import { type HostedNames, hostedNames } from './host.ts';
import { HostedJournal } from './journal.ts';
import { hostedConfig, hostedFile, openHost } from './open.ts';

export interface JobMaking extends Patience {
  host: Host;
  journal: HostedJournal;
  names: HostedNames;
  /** The host's name and the command that takes over a job, for error messages. */
  takeOver: { host: string; command: string };
}

/** Number of searches, since a list may show a new job late. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 5_000;

/**
 * The id of the run's job, created if there is none. After a try with an unknown effect, in this or an earlier process, it is created again only if
 * the host's list shows names of other runs' jobs and none of this run. Otherwise every try might be charged.
 * @throws HostedError `unclear` when a job may exist and can't be found.
 */
export function makeJob(file: string, making: JobMaking): Promise<string> {
  const { journal, names, log } = making;
  return withRetries(making, 'Creating the job', async () => {
    const found = await madeBefore(making);
    const id = found ?? (await create(file, making));
    await journal.write({ event: 'created', job: names.job, id });
    log(found === undefined ? `Created job ${id}.` : `Found job ${id}, created earlier.`);
    return id;
  });
}

/** Searches for the run's job, several times if it may just have been created. */
export async function findJob(
  host: Host,
  name: string,
  { perhaps, sleep }: { perhaps: boolean; sleep: (ms: number) => Promise<void> },
): Promise<JobSearch> {
  for (let look = 1; ; look++) {
    const found = await host.findJob(name);
    if (found.id !== undefined || !perhaps || look >= LOOKS) return found;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Undefined when there is no job. */
async function madeBefore({ host, journal, names, takeOver, sleep }: JobMaking): Promise<string | undefined> {
  const { creating, unread } = await journal.read();
  const { id, showsNames } = await findJob(host, names.job, { perhaps: creating !== undefined, sleep });
  if (id !== undefined || creating === undefined || (showsNames && !unread)) return id;
  const what = unread ? 'created a job, but returned its id in an unknown form' : 'may have created a job';
  const message = `${takeOver.host} ${what}. It can’t be found there by its name, and no second job is created.`;
  const advice =
    `Look there for a job named ${names.job}, created at about ${creating}. If it exists: ${takeOver.command}. ` +
    'If not, train again to create a new one.';
  throw new HostedError('unclear', message, advice);
}

async function create(file: string, making: JobMaking): Promise<string> {
  const { host, journal, names } = making;
  const isFirst = (await journal.read()).creating === undefined;
  if (isFirst) await journal.write({ event: 'creating', job: names.job });
  try {
    return await host.create(names.job, file);
  } catch (error) {
    if (!(error instanceof HostedError)) throw error;
    // It does not apply to an earlier try.
    if (isFirst && error.undone) await journal.write({ event: 'refused', job: names.job });
    if (error.kind !== 'unclear') throw error;
    await journal.write({ event: 'unread', job: names.job });
    const made = await madeBefore(making);
    if (made === undefined) throw error;
    return made;
  }
}

/**
 * Assigns a job found at the host to this run, which then watches it instead of creating one.
 * @throws HostedError `refused` when the host does not know it or the run has another job; `over` when it has ended.
 */
export async function takeOverJob(
  run: StoredRun,
  id: string,
  keyOf: (baseURL: string) => string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const journal = new HostedJournal(run.folder);
  const { jobId, ended } = await journal.read();
  if (ended !== undefined) throw new HostedError('over', `The job of run ${run.record.id} has ended.`, 'Train again.');
  if (jobId === id) return;
  if (jobId !== undefined) {
    const advice = `Resume without --job, or cancel ${jobId} and train again.`;
    throw new HostedError('refused', `Run ${run.record.id} has job ${jobId}.`, advice);
  }
  const host = await openHost(await hostedConfig(run), keyOf, signal);
  await host.look(id);
  await journal.write({ event: 'created', job: hostedNames(run, await hostedFile(run)).job, id });
}
