import { z } from 'zod';
import { type FromPlanPage, ToPlanPage } from '../../src/protocol/plan-page.ts';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

/** The editor's side of the channel. What comes in is validated; what does not fit is reported, never half understood. */
export class Host {
  readonly #api = acquireVsCodeApi();

  post(message: FromPlanPage): void {
    this.#api.postMessage(message);
  }

  listen(receive: (message: ToPlanPage) => void): void {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const parsed = ToPlanPage.safeParse(data);
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
