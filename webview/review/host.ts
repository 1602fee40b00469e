import { z } from 'zod';
import { EditDraft, type FromReader, SavedFacet, ToReader } from '../../src/protocol/review.ts';

/** What the reader keeps over a reload and while its tab is hidden. */
export const SavedState = z.object({
  dataset: z.string(),
  facet: SavedFacet.optional(),
  chainId: z.string().optional(),
  /** Source offset at the upper edge of the screen. */
  top: z.number().int().nonnegative().optional(),
  /** An edit that was not saved, and whether its field was open. */
  draft: EditDraft.optional(),
  editing: z.boolean().optional(),
});
export type SavedState = z.infer<typeof SavedState>;

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The editor's side of the channel. What comes in is validated; what does not fit is reported, never half understood. */
export class Host {
  readonly #api = acquireVsCodeApi();

  post(message: FromReader): void {
    this.#api.postMessage(message);
  }

  save(state: SavedState): void {
    this.#api.setState(state);
  }

  saved(): SavedState | undefined {
    const parsed = SavedState.safeParse(this.#api.getState());
    return parsed.success ? parsed.data : undefined;
  }

  listen(receive: (message: ToReader) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const parsed = ToReader.safeParse(data);
      if (parsed.success) receive(parsed.data);
      else this.post({ type: 'failed', message: `A message does not fit: ${z.prettifyError(parsed.error)}` });
    });
    window.addEventListener('error', ({ message }) => this.post({ type: 'failed', message }));
    window.addEventListener('unhandledrejection', ({ reason }) =>
      this.post({ type: 'failed', message: reason instanceof Error ? reason.message : String(reason) }),
    );
  }
}
