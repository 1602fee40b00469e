import { join } from 'node:path';
import { z } from 'zod';
import { appendLines } from '../../store/files.ts';
import { linesOf } from '../../store/lines.ts';

const FILE = 'hosted.jsonl';

/**
 * What was done at the host, a line before and a line after each thing that must not be done twice. `uploading` or `creating` without its other half:
 * this process died in between, and the host must be asked.
 */
const Entry = z.discriminatedUnion('event', [
  z.object({ event: z.literal('uploading'), at: z.string(), file: z.string() }),
  z.object({ event: z.literal('uploaded'), at: z.string(), file: z.string(), id: z.string() }),
  z.object({ event: z.literal('creating'), at: z.string(), job: z.string() }),
  /** The host made none: what `creating` says is taken back. */
  z.object({ event: z.literal('refused'), at: z.string(), job: z.string() }),
  /** It made one, and its answer could not be read. */
  z.object({ event: z.literal('unread'), at: z.string(), job: z.string() }),
  z.object({ event: z.literal('created'), at: z.string(), job: z.string(), id: z.string() }),
  z.object({
    event: z.literal('ended'),
    at: z.string(),
    state: z.enum(['succeeded', 'failed', 'cancelled']),
    model: z.string().optional(),
  }),
]);
type Entry = z.infer<typeof Entry>;
type Told = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

/** What the journal of a run says, all its lines together. */
export interface HostedState {
  uploading: boolean;
  fileId?: string;
  /** When a job was first asked for; from then on there perhaps is one. */
  creating?: string;
  /** There is one, whose id the host told in an unknown form. */
  unread: boolean;
  jobId?: string;
  ended?: 'succeeded' | 'failed' | 'cancelled';
  model?: string;
}

/** `runs/<id>/hosted.jsonl`. */
export class HostedJournal {
  readonly #path: string;

  constructor(runFolder: string) {
    this.#path = join(runFolder, FILE);
  }

  async read(): Promise<HostedState> {
    const state: HostedState = { uploading: false, unread: false };
    for await (const entry of linesOf(this.#path, Entry)) {
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

  /** On the disk when it resolves, also after a power cut. */
  async write(entry: Told): Promise<void> {
    await appendLines(this.#path, [Entry.parse({ ...entry, at: new Date().toISOString() })], { sync: true });
  }
}
