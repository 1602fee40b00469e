import { z } from 'zod';

/** What a page says to and hears from; the editor in use, a script in tests. */
export interface Channel<To, From> {
  post(message: From): void;
  listen(receive: (message: To) => void): void;
}

/** What VS Code gives a webview, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** Something broke in the webview; every page may say so, for the log. */
interface Failed {
  type: 'failed';
  message: string;
}

/** The editor's side of the channel. What comes in is validated; what does not fit is reported, never half understood. */
export class PageHost<To, From> implements Channel<To, From | Failed> {
  protected readonly api = acquireVsCodeApi();
  readonly #schema: z.ZodType<To>;

  constructor(schema: z.ZodType<To>) {
    this.#schema = schema;
  }

  post(message: From | Failed): void {
    this.api.postMessage(message);
  }

  listen(receive: (message: To) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const parsed = this.#schema.safeParse(data);
      if (parsed.success) receive(parsed.data);
      else this.#failed(`A message does not fit: ${z.prettifyError(parsed.error)}`);
    });
    window.addEventListener('error', ({ message }) => this.#failed(message));
    window.addEventListener('unhandledrejection', ({ reason }) =>
      this.#failed(reason instanceof Error ? reason.message : String(reason)),
    );
  }

  #failed(message: string): void {
    this.post({ type: 'failed', message });
  }
}
