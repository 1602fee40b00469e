import type { CallReply, CallRequest, ModelRef } from '../core/model/index.ts';
import { type ConnectOptions, connect } from '../models/connect.ts';
import { ModelError } from '../models/errors.ts';
import { withRetries } from '../models/retry.ts';

/** Attempts of one call before its error counts. */
const MAX_ATTEMPTS = 5;

export interface LineOptions extends ConnectOptions {
  signal: AbortSignal;
  onRetry: (message: string) => void;
}

/**
 * The line to a round's model: calls with their retries. A starter model that went away (stopped by hand, replaced by another version
 * of Longhand, killed) is started again; an endpoint of somebody else's can only be waited for.
 */
export class ModelLine {
  readonly #model: ModelRef;
  readonly #options: LineOptions;
  #client: ReturnType<typeof connect>;

  private constructor(model: ModelRef, options: LineOptions, client: ReturnType<typeof connect>) {
    this.#model = model;
    this.#options = options;
    this.#client = client;
  }

  /** Throws StarterError when the starter can't be installed or started. */
  static async open(model: ModelRef, options: LineOptions): Promise<ModelLine> {
    const client = connect(model, options);
    await client;
    return new ModelLine(model, options, client);
  }

  /** Throws ModelError after the last attempt, or at once where another would not help. */
  chat(request: CallRequest, signal: AbortSignal): Promise<CallReply> {
    return withRetries(() => this.#once(request, signal), {
      signal,
      maxAttempts: MAX_ATTEMPTS,
      onRetry: ({ error, waitMs }) =>
        this.#options.onRetry(`${error.message} Trying again in ${Math.round(waitMs / 1000)} s.`),
    });
  }

  async #once(request: CallRequest, signal: AbortSignal): Promise<CallReply> {
    const used = this.#client;
    try {
      return await (await used).chat(request, signal);
    } catch (error) {
      const gone = error instanceof ModelError && (error.kind === 'connection' || error.kind === 'auth');
      // All calls in flight fail together; the first of them brings the starter back for all.
      if (gone && this.#model.kind === 'starter' && this.#client === used) {
        this.#client = connect(this.#model, this.#options);
        await this.#client;
      }
      throw error;
    }
  }
}
