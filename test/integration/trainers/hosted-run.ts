import { Resources, TrainingSettings } from '../../../src/core/schemas/index.ts';
import type { Dataset } from '../../../src/store/index.ts';
import { appendProgress, createRun, progressOf, type StoredRun } from '../../../src/store/runs.ts';
import { hostedNames } from '../../../src/trainers/hosted/host.ts';
import { HostedJournal } from '../../../src/trainers/hosted/journal.ts';
import { hostedConfig, hostedFile, openHost } from '../../../src/trainers/hosted/open.ts';
import { runHosted } from '../../../src/trainers/hosted/run.ts';
import type { HostedServer } from '../../fixtures/hosted-server.ts';

export const ROWS = `${JSON.stringify({
  messages: [
    { role: 'user', content: 'π?\n\nwrong' },
    { role: 'assistant', content: ' right' },
  ],
})}\n`.repeat(3);

/** A training run at a scripted host, with nothing uploaded yet. */
export function hostedRun(dataset: Dataset, { baseURL }: HostedServer, host: string): Promise<StoredRun> {
  return createRun(
    dataset.folder,
    {
      version: 1,
      id: `${host}-1`,
      kind: 'train',
      createdAt: '2026-11-01T00:00:00.000Z',
      engine: { engine: 'local' },
      command: ['x'],
      env: {},
      resources: Resources.parse({}),
      training: {
        ...{ trainer: host, model: 'm', export: 'e', rows: 'train.prefix.jsonl', rowsHash: 'h', rowCount: 3 },
        ...{
          maxLength: 64,
          longestRow: 9,
          lengthsExact: false,
          cutRows: 0,
          steps: null,
          device: 'cpu',
          config: 'hosted.json',
        },
        settings: TrainingSettings.parse({}),
      },
    },
    new Map([
      ['hosted.json', JSON.stringify({ host, baseURL, job: { model: 'm' }, pollSeconds: 1 })],
      ['rows.jsonl', ROWS],
    ]),
  );
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
