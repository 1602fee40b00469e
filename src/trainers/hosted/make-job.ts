import { again, type Patience } from './again.ts';
import { HostedError } from './errors.ts';
import type { Host, JobSearch } from './host.ts';
import type { HostedJournal } from './journal.ts';
import type { HostedNames } from './names.ts';

export interface JobMaking extends Patience {
  host: Host;
  journal: HostedJournal;
  names: HostedNames;
  /** The host by its name, and the command that takes over a job of it: for the words of what only a person can settle. */
  takeOver: { host: string; command: string };
}

/** A list may show a job some moments after it was made: so often is looked for one that was perhaps made. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 5_000;

/**
 * The id of the run's job, which is made when there is none. After a try of which nobody knows what it did, in this process or in one before, it is
 * made again only where the host's list shows the names of other runs' jobs, and none of this run: else a host that shows no names, or has no list, would be
 * paid for every try.
 * @throws HostedError `unclear` where a job was perhaps made and can't be found.
 */
export function makeJob(file: string, making: JobMaking): Promise<string> {
  const { journal, names, say } = making;
  return again(making, 'Making the job', async () => {
    const found = await madeBefore(making);
    const id = found ?? (await create(file, making));
    await journal.write({ event: 'created', job: names.job, id });
    say(found === undefined ? `Made job ${id}.` : `Found job ${id}, which was made before.`);
    return id;
  });
}

/** Looks for the run's job, and several times when it was perhaps made some moments ago. */
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

/** Undefined where none was made. */
async function madeBefore({ host, journal, names, takeOver, sleep }: JobMaking): Promise<string | undefined> {
  const { creating, unread } = await journal.read();
  const { id, showsNames } = await findJob(host, names.job, { perhaps: creating !== undefined, sleep });
  if (id !== undefined || creating === undefined || (showsNames && !unread)) return id;
  const what = unread
    ? 'made a job, of which it did not tell the id in a form that is known'
    : 'has perhaps made a job';
  const message = `${takeOver.host} ${what}; it can’t be found there by its name, and none is made again.`;
  const advice =
    `Look there for one of about ${creating}, named ${names.job}. If it is there: ${takeOver.command}. ` +
    'If it is not: train again, which makes a new one.';
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
    // Says nothing of a try before it.
    if (isFirst && error.undone) await journal.write({ event: 'refused', job: names.job });
    if (error.problem !== 'unclear') throw error;
    await journal.write({ event: 'unread', job: names.job });
    const made = await madeBefore(making);
    if (made === undefined) throw error;
    return made;
  }
}
