import { setMaxListeners } from 'node:events';
import { type CallReply, type CallRequest, CallSettings, type Choice } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { ModelClient } from '../../models/client.ts';
import { ModelError } from '../../models/errors.ts';
import { journalKey } from '../../models/key.ts';
import { withRetries } from '../../models/retry.ts';
import type { ReplyPart } from '../../models/wire.ts';
import { type CallCounts, RATE_LIMIT_NOTE } from '../state.ts';
import type { Journal } from './journal.ts';
import { AdaptiveLimit } from './limit.ts';

/** Most tries of a call, without those rejected by the rate limit. */
const MAX_TRIES = 5;
/** More calls in a row that the server refuses permanently (too long, refused) end the run. */
const MOST_REFUSALS = 8;

/** The common part of all journals of paid calls. */
export interface PaidCall {
  /** See journalKey. */
  key: string;
  at: string;
  request: CallRequest;
  /** Absent when the request had only this sample. */
  choice?: Choice | undefined;
  reply: CallReply;
}

/** The reply to a call, or why the server refuses it. */
export type Paid = { key: string; reply: CallReply } | { key: string; refused: ModelError };

export interface CachedClientOptions<Line extends PaidCall> {
  journal: Pick<Journal<Line>, 'get' | 'append' | 'has'>;
  client: Pick<ModelClient, 'chatMany' | 'mostChoices'>;
  /** Most completions in flight; the actual limit adapts to the server. */
  concurrency: number;
  counts: CallCounts;
  /** Settings of the dataset; defaults when absent. */
  calls?: CallSettings | undefined;
  /** When it aborts, no new call is sent, and calls in flight have the grace period to end. */
  signal: AbortSignal;
  /** Ends calls in flight immediately. */
  stopNow?: AbortSignal | undefined;
  log: (text: string) => void;
  /** Called with the text of a reply while it is written, and its seed; not for several replies to one request. */
  onPart?: ((seed: number, text: string, isFirst: boolean) => void) | undefined;
  /** Replies in the journal whose calls are sent once more; none by default. */
  isRepeated?: ((reply: CallReply) => boolean) | undefined;
  /** Called when `counts.waitingFor` changes. */
  onWaiting?: (() => void) | undefined;
}

/** A call that is not in flight yet. */
interface Sample<Line> {
  key: string;
  request: CallRequest;
  lineOf: (call: PaidCall) => Line;
  resolve: (paid: Paid) => void;
  reject: (error: unknown) => void;
}

/** Answers calls from the journal or the model. A paid call is never sent again unless `isRepeated`, and equal calls are never in flight together. */
export class CachedClient<Line extends PaidCall> {
  readonly #options: CachedClientOptions<Line>;
  readonly #limit: AdaptiveLimit;
  readonly #inFlight = new Map<string, Promise<Paid>>();
  readonly #calls: CallSettings;
  /** No new call is sent. */
  readonly #stop = new AbortController();
  /** Ends calls in flight, whose replies are lost. */
  readonly #stopNow = new AbortController();
  /** Requests until they are in the journal. */
  readonly #running = new Set<Promise<void>>();
  #grace: NodeJS.Timeout | undefined;
  #refusals = 0;
  /** Until when a message of a retry is not logged again. */
  readonly #retryLogged = new Map<string, number>();
  #lastRefusal: ModelError | undefined;
  #hasReply = false;

  constructor(options: CachedClientOptions<Line>) {
    this.#options = options;
    this.#calls = options.calls ?? CallSettings.parse({});
    // Every call in flight listens to these signals.
    setMaxListeners(0, this.#stop.signal, this.#stopNow.signal);
    // After a failure, `drain` has started the grace period, so a cancel ends calls in flight.
    whenAborted(options.signal, () => (this.#stop.signal.aborted ? this.#stopNow.abort() : this.#end()));
    if (options.stopNow) whenAborted(options.stopNow, () => this.#stopNow.abort());
    this.#limit = new AdaptiveLimit({
      cap: options.concurrency,
      signal: this.#stop.signal,
      onDecrease: (limit, error) => options.log(`${error.message} At most ${limit} in flight for now.`),
      onRateLimit: (waiting) => {
        if (!this.#stop.signal.aborted) this.#noteWaiting(waiting ? RATE_LIMIT_NOTE : undefined);
      },
    });
  }

  /**
   * The reply to a request.
   * @param lineOf makes the journal line of a paid call.
   * @param name of the call in the log.
   * @throws ModelError when continuing is useless: no access, no connection, cancelled.
   */
  async call(request: CallRequest, lineOf: (call: PaidCall) => Line, name: string): Promise<Paid> {
    const [paid] = await this.callMany([request], lineOf, name);
    if (paid === undefined) throw new RangeError('A call without a reply.');
    return paid;
  }

  /** Whether the journal answers a request. */
  isPaid(request: CallRequest): boolean {
    return this.#options.journal.has(journalKey(request));
  }

  /**
   * Samples of one prompt, whose requests differ only in the seed. If the server supports `n`, one request has several samples; missing ones are
   * requested singly. Each sample has the key and line of a single call.
   * @returns the replies in the order of `requests`.
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

  /** Sends no new calls and waits for those in flight, at most for the grace period. Called before the journal is closed, since calls in flight are paid. */
  async drain(): Promise<void> {
    this.#end();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    clearTimeout(this.#grace);
  }

  /** @throws ModelError the last refusal when the server refused every call */
  throwIfAllRefused(): void {
    if (this.#lastRefusal && !this.#hasReply) throw this.#lastRefusal;
  }

  #noteWaiting(note: string | undefined): void {
    const { counts, log, onWaiting } = this.#options;
    counts.waitingFor = note;
    if (note !== undefined) log(note);
    onWaiting?.();
  }

  #end(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    const { graceSeconds } = this.#calls;
    const { signal, stopNow } = this.#options;
    const { inFlight } = this.#limit;
    if (inFlight === 0) return;
    const note = `Waiting for ${plural(inFlight, 'call')} in flight, ${graceSeconds} s at most.`;
    const again = stopNow ? ' Cancel again to stop immediately.' : '';
    if (graceSeconds > 0) this.#noteWaiting(`${note}${signal.aborted ? again : ' Cancel to stop immediately.'}`);
    this.#grace = setTimeout(() => this.#stopNow.abort(), 1000 * graceSeconds);
  }

  /** Settles the replies of all samples. */
  async #start(samples: readonly Sample<Line>[], name: string): Promise<void> {
    try {
      await this.#payInGroups(await this.#unpaid(samples), name);
    } catch (error) {
      // Replies before the failure stay.
      for (const { key, reject } of samples) {
        this.#inFlight.delete(key);
        reject(error);
      }
    }
  }

  #settle({ key, resolve }: Sample<Line>, outcome: { reply: CallReply } | { refused: ModelError }): void {
    this.#inFlight.delete(key);
    if ('reply' in outcome) this.#hasReply = true;
    else this.#lastRefusal = outcome.refused;
    resolve({ key, ...outcome });
  }

  async #unpaid(samples: readonly Sample<Line>[]): Promise<Sample<Line>[]> {
    const { journal, counts, isRepeated } = this.#options;
    const left: Sample<Line>[] = [];
    for (const sample of samples) {
      const paid = await journal.get(sample.key);
      if (!paid || isRepeated?.(paid.reply)) left.push(sample);
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
    await Promise.all(groups.map((group) => this.#tracked(this.#payGroup(group, name))));
  }

  /** Tracks a group for `drain`, since others may fail first. */
  #tracked(work: Promise<void>): Promise<void> {
    const done = (): void => void this.#running.delete(work);
    this.#running.add(work);
    work.then(done, done);
    return work;
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

  /**
   * One request for a group, with retries.
   * @returns the samples without a reply.
   */
  async #ask(group: readonly Sample<Line>[]): Promise<readonly Sample<Line>[]> {
    const { client, counts, journal } = this.#options;
    const [first] = group;
    if (first === undefined) return [];
    const listener = this.#options.onPart;
    const { seed } = first.request;
    // A request that is repeated begins its text again.
    const partsOf = (): ((part: ReplyPart) => void) | undefined => {
      if (group.length > 1 || !listener) return undefined;
      let isFirst = true;
      return ({ reasoning, text }) => {
        listener(seed, reasoning + text, isFirst);
        isFirst = false;
      };
    };
    const { replies, asked } = await withRetries(
      (tries) =>
        this.#limit.run(
          group.length,
          () => client.chatMany(first.request, group.length, this.#stopNow.signal, partsOf()),
          tries > 1,
        ),
      {
        signal: this.#stop.signal,
        maxTries: MAX_TRIES,
        rateLimitMs: this.#calls.rateLimitMinutes * 60_000,
        rejectedMs: () => this.#limit.rejectedMs,
        progress: () => this.#limit.answered,
        onRetry: ({ error, waitMs }) => {
          counts.retries++;
          if (!error.overload) this.#logRetry(error.message, waitMs);
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

  /** Requests in flight fail together: the same message is logged once in the time that the first of them waits. */
  #logRetry(message: string, waitMs: number): void {
    const now = performance.now();
    if (now < (this.#retryLogged.get(message) ?? 0)) return;
    this.#retryLogged.set(message, now + waitMs);
    this.#options.log(`${message} Trying again in ${Math.round(waitMs / 1000)} s.`);
  }
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

/** An error of only this call. */
function isRefusal(error: unknown): error is ModelError {
  return (
    error instanceof ModelError &&
    (error.kind === 'bad-request' || error.kind === 'malformed' || error.kind === 'timeout' || error.kind === 'server')
  );
}
