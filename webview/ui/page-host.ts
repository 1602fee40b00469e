import { z } from 'zod';
import type { PageReport } from '../../src/protocol/page.ts';
import { replaceBidiControls } from './bidi-controls.ts';
import { onFocusTaken } from './focus.ts';

/** The connection of a page to its host. */
export interface Channel<To, From> {
  post(message: From): void;
  listen(receive: (message: To) => void): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The channel to the editor. Incoming messages are validated; invalid ones are reported and ignored. */
export class PageHost<To, From> implements Channel<To, From | PageReport> {
  protected readonly api = acquireVsCodeApi();
  readonly #schema: z.ZodType<To>;

  constructor(schema: z.ZodType<To>) {
    this.#schema = schema;
    replaceBidiControls(document.body);
  }

  post(message: From | PageReport): void {
    this.api.postMessage(message);
  }

  listen(receive: (message: To) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const parsed = this.#schema.safeParse(data);
      if (parsed.success) receive(parsed.data);
      else this.#failed(`Invalid message: ${z.prettifyError(parsed.error)}`);
    });
    onFocusTaken(() => this.post({ type: 'focused' }));
    window.addEventListener('error', ({ message }) => this.#failed(message));
    window.addEventListener('unhandledrejection', ({ reason }) =>
      this.#failed(reason instanceof Error ? reason.message : String(reason)),
    );
  }

  #failed(message: string): void {
    this.post({ type: 'failed', message });
  }
}
