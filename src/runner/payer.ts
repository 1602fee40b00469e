import type { CallReply, CallRequest, Choice } from '../core/model/index.ts';
import type { ModelClient } from '../models/client.ts';
import { ModelError } from '../models/errors.ts';
import { journalKey } from '../models/key.ts';
import { withRetries } from '../models/retry.ts';
import type { Journal } from './journal.ts';
import { AdaptiveLimit } from './limit.ts';
import type { CallCounts } from './state.ts';

/** Attempts of one call before its error counts. */
const MAX_ATTEMPTS = 5;
/** A call that the server will never answer as asked (too long, refused). More than this in a row ends the run. */
const MOST_REFUSALS = 8;

/** What every line of a journal of paid calls has. */
export interface PaidCall {
  /** Of the request; see journalKey. */
  key: string;
  at: string;
  request: CallRequest;
  /** Absent when the request asked for this sample alone. */
  choice?: Choice | undefined;
  reply: CallReply;
}

/** The reply of a call, or why the server will not give one. */
export type Paid = { key: string; reply: CallReply } | { key: string; refused: ModelError };

export interface PayerOptions<Line extends PaidCall> {
  journal: Journal<Line>;
  client: Pick<ModelClient, 'chatMany' | 'mostChoices'>;
  /** Completions in flight, at most; how many there are is found by trying. */
  concurrency: number;
  counts: CallCounts;
  signal: AbortSignal;
  log: (text: string) => void;
}

/** A call that nobody has asked for yet in this run. */
interface Sample<Line> {
  key: string;
  request: CallRequest;
  lineOf: (call: PaidCall) => Line;
  resolve: (paid: Paid) => void;
  reject: (error: unknown) => void;
}

/** Asks the model, or the journal: what was paid for is never asked again, and the same call is never in flight twice. */
export class Payer<Line extends PaidCall> {
  readonly #options: PayerOptions<Line>;
  readonly #limit: AdaptiveLimit;
  readonly #inFlight = new Map<string, Promise<Paid>>();
  #refusals = 0;

  constructor(options: PayerOptions<Line>) {
    this.#options = options;
    this.#limit = new AdaptiveLimit({
      cap: options.concurrency,
      signal: options.signal,
      onCut: (limit, error) => options.log(`${error.message} At most ${limit} in flight for now.`),
    });
  }

  /**
   * The reply to a request. `lineOf` makes the journal's line of a paid call; `name` says in the log which call it was.
   * @throws ModelError when going on makes no sense: no access, no connection, cancelled.
   */
  async call(request: CallRequest, lineOf: (call: PaidCall) => Line, name: string): Promise<Paid> {
    const [paid] = await this.callMany([request], lineOf, name);
    if (paid === undefined) throw new RangeError('A call without a reply.');
    return paid;
  }

  /**
   * Samples of one prompt: requests that differ in their seed alone. Where the server knows `n`, one request asks for several; what it then leaves out
   * is asked for singly. Each sample has its own key and line, the same ones that a single call would give it. Out: in the order of `requests`.
   * @throws ModelError as `call`.
   */
  callMany(
    requests: readonly CallRequest[],
    lineOf: (call: PaidCall, index: number) => Line,
    name: string,
  ): Promise<Paid[]> {
    const fresh: Sample<Line>[] = [];
    const replies = requests.map((request, index) => {
      const key = journalKey(request);
      const running = this.#inFlight.get(key);
      if (running) return running;
      const reply = new Promise<Paid>((resolve, reject) => {
        fresh.push({ key, request, lineOf: (call) => lineOf(call, index), resolve, reject });
      });
      this.#inFlight.set(key, reply);
      return reply;
    });
    if (fresh.length > 0) void this.#start(fresh, name);
    return Promise.all(replies);
  }

  /** Settles the reply of every sample. */
  async #start(samples: readonly Sample<Line>[], name: string): Promise<void> {
    try {
      await this.#payInGroups(await this.#unpaid(samples), name);
    } catch (error) {
      // Those that came before the failure stay as they are.
      for (const { key, reject } of samples) {
        this.#inFlight.delete(key);
        reject(error);
      }
    }
  }

  #settle({ key, resolve }: Sample<Line>, outcome: { reply: CallReply } | { refused: ModelError }): void {
    this.#inFlight.delete(key);
    resolve({ key, ...outcome });
  }

  async #unpaid(samples: readonly Sample<Line>[]): Promise<Sample<Line>[]> {
    const { journal, counts } = this.#options;
    const left: Sample<Line>[] = [];
    for (const sample of samples) {
      const paid = await journal.get(sample.key);
      if (!paid) left.push(sample);
      else {
        counts.reused();
        this.#settle(sample, { reply: paid.reply });
      }
    }
    return left;
  }

  async #payInGroups(samples: readonly Sample<Line>[], name: string): Promise<void> {
    const { client, concurrency } = this.#options;
    const most = Math.max(1, Math.min(client.mostChoices, concurrency));
    const groups = Array.from({ length: Math.ceil(samples.length / most) }, (_, i) =>
      samples.slice(i * most, (i + 1) * most),
    );
    await Promise.all(groups.map((group) => this.#payGroup(group, name)));
  }

  async #payGroup(group: readonly Sample<Line>[], name: string): Promise<void> {
    let left: readonly Sample<Line>[];
    try {
      left = await this.#ask(group);
      this.#refusals = 0;
    } catch (error) {
      if (!isRefusal(error) || ++this.#refusals > MOST_REFUSALS) throw error;
      this.#options.log(`${name}: ${error.message}`);
      for (const sample of group) this.#settle(sample, { refused: error });
      return;
    }
    await this.#payInGroups(left, name);
  }

  /** One request for all of a group, with its retries. Out: the samples that it did not bring. */
  async #ask(group: readonly Sample<Line>[]): Promise<readonly Sample<Line>[]> {
    const { client, counts, signal, log, journal } = this.#options;
    const [first] = group;
    if (first === undefined) return [];
    const { replies, asked } = await withRetries(
      (attempt) =>
        this.#limit.run(group.length, () => client.chatMany(first.request, group.length, signal), attempt > 1),
      {
        signal,
        maxAttempts: MAX_ATTEMPTS,
        progress: () => this.#limit.answered,
        onRetry: ({ error, waitMs }) => {
          counts.retries++;
          if (!error.overload) log(`${error.message} Trying again in ${Math.round(waitMs / 1000)} s.`);
        },
      },
    );
    const paid = replies.flatMap(({ choice, reply }, i) => {
      const sample = group[i];
      if (sample === undefined) return [];
      const { key, request } = sample;
      const from = asked > 1 ? { choice: { index: choice, of: asked, seed: first.request.seed } } : {};
      return [{ sample, reply, line: sample.lineOf({ key, at: new Date().toISOString(), request, ...from, reply }) }];
    });
    await Promise.all(paid.map(({ line }) => journal.append(line)));
    for (const { sample, reply } of paid) {
      counts.answered(reply);
      this.#settle(sample, { reply });
    }
    return group.slice(paid.length);
  }
}

/** An error of this one call only. */
function isRefusal(error: unknown): error is ModelError {
  return (
    error instanceof ModelError &&
    (error.kind === 'bad-request' || error.kind === 'malformed' || error.kind === 'timeout' || error.kind === 'server')
  );
}
