import type { Dataset } from '../../../src/store/index.ts';
import { appendProgress, progressOf, type StoredRun } from '../../../src/store/runs.ts';
import { hostedNames } from '../../../src/trainers/hosted/host.ts';
import { runHosted } from '../../../src/trainers/hosted/hosted-run.ts';
import { HostedJournal } from '../../../src/trainers/hosted/journal.ts';
import { hostedConfig, hostedFile, openHost } from '../../../src/trainers/hosted/open.ts';
import type { HostedServer } from '../../fixtures/hosted-server.ts';
import { runRecord, storedRun, trainingOf } from '../../fixtures/training-run.ts';

export const ROWS = `${JSON.stringify({
  messages: [
    { role: 'user', content: 'π?\n\nwrong' },
    { role: 'assistant', content: ' right' },
  ],
})}\n`.repeat(3);

/** A training run at a scripted host, with nothing uploaded yet. */
export function hostedRun(dataset: Dataset, { baseURL }: HostedServer, host: string): Promise<StoredRun> {
  const training = trainingOf({
    ...{ trainer: host, rows: 'train.prefix.jsonl', rowCount: 3, longestRow: 9, lengthsExact: false, steps: null },
    config: 'hosted.json',
  });
  const files = new Map([
    ['hosted.json', JSON.stringify({ host, baseURL, job: { model: 'm' }, pollSeconds: 1 })],
    ['rows.jsonl', ROWS],
  ]);
  return storedRun(dataset.folder, runRecord(`${host}-1`, { training }), [], files);
}

export interface LiveOptions {
  log?: string[];
  waits?: number[];
  signal?: AbortSignal;
}

/** One process of the run, without its waits. */
export async function liveOnce(run: StoredRun, options: LiveOptions = {}): Promise<string> {
  const { signal = new AbortController().signal } = options;
  const config = await hostedConfig(run);
  const host = await openHost(config, () => undefined, signal);
  const file = await hostedFile(run);
  return runHosted({
    ...{ host, file, signal, names: hostedNames(run, file), journal: new HostedJournal(run.folder) },
    earlier: await progressOf(run),
    onProgress: (line) => appendProgress(run, line),
    log: (text) => void options.log?.push(text),
    pollSeconds: config.pollSeconds,
    takeOver: { host: 'the host', command: 'longhand resume-run d r --job ID' },
    sleep: async (ms) => void options.waits?.push(ms),
  });
}
