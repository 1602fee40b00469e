import pLimit from 'p-limit';
import type { CallReply, CallRequest } from '../core/model/index.ts';
import type { ModelClient } from '../models/client.ts';
import { ModelError } from '../models/errors.ts';
import { journalKey } from '../models/key.ts';
import { withRetries } from '../models/retry.ts';
import type { Journal } from './journal.ts';
import type { CallCounts } from './state.ts';

/** Attempts of one call before its error counts. */
const MAX_ATTEMPTS = 5;
/** A call that the server will never answer as asked (too long, refused). More than this in a row ends the run. */
const MOST_REFUSALS = 8;

export type Chat = (request: CallRequest, signal: AbortSignal) => Promise<CallReply>;

/** One call with its retries, which are counted and told. */
export function chatWithRetries(
  client: Pick<ModelClient, 'chat'>,
  counts: CallCounts,
  log: (text: string) => void,
): Chat {
  return (request, signal) =>
    withRetries(() => client.chat(request, signal), {
      signal,
      maxAttempts: MAX_ATTEMPTS,
      onRetry: ({ error, waitMs }) => {
        counts.retries++;
        log(`${error.message} Trying again in ${Math.round(waitMs / 1000)} s.`);
      },
    });
}

/** What every line of a journal of paid calls has. */
export interface PaidCall {
  /** Of the request; see journalKey. */
  key: string;
  at: string;
  request: CallRequest;
  reply: CallReply;
}

/** The reply of a call, or why the server will not give one. */
export type Paid = { key: string; reply: CallReply } | { key: string; refused: ModelError };

export interface PayerOptions<Line extends PaidCall> {
  journal: Journal<Line>;
  chat: Chat;
  /** Requests in flight, at most. */
  concurrency: number;
  counts: CallCounts;
  signal: AbortSignal;
  log: (text: string) => void;
}

/** Asks the model, or the journal: what was paid for is never asked again, and the same call is never in flight twice. */
export class Payer<Line extends PaidCall> {
  readonly #options: PayerOptions<Line>;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #inFlight = new Map<string, Promise<Paid>>();
  #refusals = 0;

  constructor(options: PayerOptions<Line>) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
  }

  /**
   * The reply to a request. `lineOf` makes the journal's line of a paid call; `name` says in the log which call it was.
   * @throws ModelError when going on makes no sense: no access, no connection, cancelled.
   */
  call(request: CallRequest, lineOf: (call: PaidCall) => Line, name: string): Promise<Paid> {
    const key = journalKey(request);
    const running = this.#inFlight.get(key);
    if (running) return running;
    const started = this.#pay(key, request, lineOf, name).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, started);
    return started;
  }

  async #pay(key: string, request: CallRequest, lineOf: (call: PaidCall) => Line, name: string): Promise<Paid> {
    const { journal, counts, chat, signal, log } = this.#options;
    const paid = await journal.get(key);
    if (paid) {
      counts.reused();
      return { key, reply: paid.reply };
    }
    try {
      const reply = await this.#limit(() => {
        signal.throwIfAborted();
        return chat(request, signal);
      });
      await journal.append(lineOf({ key, at: new Date().toISOString(), request, reply }));
      counts.answered(reply);
      this.#refusals = 0;
      return { key, reply };
    } catch (error) {
      if (!isRefusal(error) || ++this.#refusals > MOST_REFUSALS) throw error;
      log(`${name}: ${error.message}`);
      return { key, refused: error };
    }
  }
}

/** An error of this one call only. */
function isRefusal(error: unknown): error is ModelError {
  return (
    error instanceof ModelError &&
    (error.kind === 'bad-request' || error.kind === 'malformed' || error.kind === 'timeout' || error.kind === 'server')
  );
}
