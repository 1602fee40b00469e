import { join } from 'node:path';
import { HostedLine } from '../../core/schemas/index.ts';
import { appendLines, errorCode, readLines } from '../../store/lines/files.ts';
import { refuseLinks } from '../../store/links.ts';

const FILE = 'hosted.jsonl';

type Unstamped = HostedLine extends infer E ? (E extends HostedLine ? Omit<E, 'at'> : never) : never;

/** The state of a run by its journal. */
export interface HostedState {
  uploading: boolean;
  fileId?: string;
  /** When the job was first requested; from then on it may exist. */
  creating?: string;
  /** The job exists, but its id could not be read. */
  unread: boolean;
  jobId?: string;
  ended?: 'succeeded' | 'failed' | 'cancelled';
  model?: string;
}

/** `runs/<id>/hosted.jsonl`. */
export class HostedJournal {
  readonly #folder: string;
  readonly #path: string;

  constructor(runFolder: string) {
    this.#folder = runFolder;
    this.#path = join(runFolder, FILE);
  }

  async read(): Promise<HostedState> {
    const state: HostedState = { uploading: false, unread: false };
    for await (const entry of this.#entries()) {
      // A damaged line may be about the job, which must not be created twice.
      if (entry === undefined) {
        state.creating ??= 'an unknown time';
        continue;
      }
      if (entry.event === 'uploading') state.uploading = true;
      if (entry.event === 'uploaded') state.fileId = entry.id;
      if (entry.event === 'creating') state.creating ??= entry.at;
      if (entry.event === 'refused') delete state.creating;
      if (entry.event === 'unread') state.unread = true;
      if (entry.event === 'created') state.jobId = entry.id;
      if (entry.event === 'ended') {
        state.ended = entry.state;
        if (entry.model !== undefined) state.model = entry.model;
      }
    }
    return state;
  }

  /** Undefined for each damaged line. */
  async *#entries(): AsyncGenerator<HostedLine | undefined> {
    try {
      for await (const line of readLines(this.#path)) {
        yield 'error' in line ? undefined : HostedLine.safeParse(line.value).data;
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  /** Appends an event and flushes it to disk. @throws StoreError `symbolic-link` */
  async write(entry: Unstamped): Promise<void> {
    await refuseLinks(this.#folder, this.#path);
    await appendLines(this.#path, [HostedLine.parse({ ...entry, at: new Date().toISOString() })], { sync: true });
  }
}
