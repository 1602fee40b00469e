import type { CallReply, CallRequest } from '../core/model/index.ts';
import { type EndpointReport, probe } from './check.ts';
import { MOST_CHOICES } from './choices.ts';
import { cancelled, ModelError, malformed, toModelError } from './errors.ts';
import { readEvents } from './events.ts';
import { IdleGuard } from './idle.ts';
import { postChat } from './post-chat.ts';
import {
  afterRefusal,
  Collector,
  type Exchange,
  firstReply,
  type Habits,
  type ReplyPart,
  requestBody,
} from './wire.ts';

export interface ModelClientOptions extends Place {
  /** A call is given up after this many milliseconds in which nothing came. */
  idleTimeoutMs: number;
  /** What `CallRequest.host` holds for this endpoint; see `hostOf`. */
  host: string;
  /** Finds, or starts, the endpoint again when it is gone. The call that noticed still fails; the next one goes to the new place. */
  relocate?: ((signal?: AbortSignal) => Promise<Place>) | undefined;
  /** Replies that one request may ask for, where that is known. */
  mostChoices?: number | undefined;
}

/** Where an endpoint is, and what opens it. */
export interface Place {
  /** Up to and including `/v1`. */
  baseURL: string;
  apiKey?: string | undefined;
}

/** An entry of /models: servers add fields of their own. */
export type ModelEntry = { id: string } & Readonly<Record<string, unknown>>;

type OnPart = (part: ReplyPart) => void;

/** Model names that fit into a sentence. */
const NAMES_SHOWN = 8;

/** An OpenAI-compatible endpoint. It retries nothing itself; see `withRetries`. All methods throw `ModelError` and nothing else. */
export class ModelClient {
  readonly host: string;
  readonly #idleTimeoutMs: number;
  readonly #relocate: ModelClientOptions['relocate'];
  #relocating: Promise<void> | undefined;
  #place: Place;
  #habits: Habits = {
    stream: true,
    streamOptions: true,
    limit: 'max_tokens',
    format: 'json_schema',
    choices: MOST_CHOICES,
  };

  constructor(options: ModelClientOptions) {
    this.host = options.host;
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#relocate = options.relocate;
    if (options.mostChoices !== undefined) this.#habits.choices = Math.min(MOST_CHOICES, options.mostChoices);
    this.#place = { baseURL: options.baseURL, apiKey: options.apiKey };
  }

  get baseURL(): string {
    return this.#place.baseURL;
  }

  /** One call, to its end. `reply.ms` is the wall time of the attempt that succeeded. */
  async chat(request: CallRequest, signal?: AbortSignal): Promise<CallReply> {
    return firstReply(await this.exchange(request, signal));
  }

  /**
   * Samples of one prompt in one request (`n`). The request carries the first sample's seed; which seed each choice gets is the server's to decide.
   * Out: the replies that came, at least one, at most `n`; where a server knows less than `n`, `mostChoices` says so afterwards.
   * `onPart` hears what a stream brings to the first choice, as it comes.
   */
  chatMany(request: CallRequest, n: number, signal?: AbortSignal, onPart?: OnPart): Promise<Exchange> {
    return this.#exchange(request, n, signal, onPart);
  }

  /** Choices that one request may ask for, as far as is known. */
  get mostChoices(): number {
    return this.#habits.choices;
  }

  /** `chat`, with what was learnt about the server. A server that refuses streaming, a name or a schema is asked again without it. */
  exchange(request: CallRequest, signal?: AbortSignal): Promise<Exchange> {
    return this.#exchange(request, 1, signal);
  }

  async #exchange(request: CallRequest, wanted: number, signal?: AbortSignal, onPart?: OnPart): Promise<Exchange> {
    for (let habits = this.#habits; ; ) {
      const n = Math.min(wanted, habits.choices);
      try {
        const exchange = await this.#once(request, n, habits, signal, onPart);
        const came = exchange.replies.length;
        this.#habits = came < n && came === 1 ? { ...habits, choices: 1 } : habits;
        return exchange;
      } catch (error) {
        const failure = toModelError(error, this.#endpoint(request.model));
        const next = afterRefusal(failure, habits, request.schema !== undefined, n);
        if (next === undefined) {
          await this.#find(failure, signal);
          throw await this.#withNames(failure, request.model, signal);
        }
        habits = next;
      }
    }
  }

  /** Names that the endpoint offers, in its order. */
  async listModels(signal?: AbortSignal): Promise<string[]> {
    return (await this.modelEntries(signal)).map(({ id }) => id);
  }

  /** What the endpoint says of each of its models. */
  async modelEntries(signal?: AbortSignal): Promise<ModelEntry[]> {
    return this.#guarded(undefined, signal, async (guard) => {
      // Half of what a round would load, which lists nothing.
      const { openSdk } = await import('./sdk.ts');
      const page = await openSdk(this.#place).models.list({ signal: guard.signal });
      const entries: unknown = page.data;
      if (!Array.isArray(entries)) throw malformed('it is not a list of models', this.#endpoint());
      return entries.filter((entry): entry is ModelEntry => typeof entry?.id === 'string');
    });
  }

  /** Tries the endpoint with a few tiny calls and says what it can do. */
  check(model: string, signal?: AbortSignal): Promise<EndpointReport> {
    return probe(this, model, signal);
  }

  async #once(
    request: CallRequest,
    n: number,
    habits: Habits,
    signal?: AbortSignal,
    onPart?: OnPart,
  ): Promise<Exchange> {
    return this.#guarded(request.model, signal, async (guard) => {
      const collector = new Collector(this.#endpoint(request.model), n);
      const body = requestBody(request, n, habits);
      const response = await postChat(this.#place, body, guard.signal);
      guard.touch();
      const type = response.headers.get('content-type') ?? '';
      if (/\bhtml\b/i.test(type)) throw malformed(`it is ${type}`, this.#endpoint(request.model));
      // Some servers take `stream` and answer in one piece all the same.
      if (!body.stream || type.includes('application/json')) {
        collector.add(await response.json());
        return collector.finish(request, false);
      }
      await readEvents(
        response.message,
        () => guard.touch(),
        (data) => {
          const part = collector.add(JSON.parse(data));
          onPart?.(part);
        },
      );
      guard.signal.throwIfAborted();
      return collector.finish(request, true);
    });
  }

  /** Runs `work` under the idle limit and turns what it throws into a `ModelError`. */
  async #guarded<T>(
    model: string | undefined,
    signal: AbortSignal | undefined,
    work: (guard: IdleGuard) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw cancelled();
    const guard = new IdleGuard(this.#idleTimeoutMs, signal);
    try {
      return await work(guard);
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      if (guard.expired) throw this.#silent();
      throw toModelError(error, this.#endpoint(model));
    } finally {
      guard.dispose();
    }
  }

  #silent(): ModelError {
    return new ModelError('timeout', `Nothing came from ${this.baseURL} for ${this.#idleTimeoutMs / 1000} s.`, {
      advice: 'Is the server overloaded? Fewer requests in flight or a longer dialogue.idleTimeoutSeconds help.',
    });
  }

  /** A 404 is most often a misspelt model: its advice lists the names that the endpoint has. */
  async #withNames(failure: ModelError, model: string, signal: AbortSignal | undefined): Promise<ModelError> {
    if (failure.kind !== 'not-found') return failure;
    const names = await this.listModels(signal).catch((): string[] => []);
    if (names.length === 0 || names.includes(model)) return failure;
    const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '');
    return new ModelError('not-found', failure.message, {
      advice: `Choose one of its models with Longhand: Select Model…: ${shown}.`,
    });
  }

  /** After a broken connection: asks once, for all calls that failed, where the endpoint is now. */
  async #find(failure: ModelError, signal: AbortSignal | undefined): Promise<void> {
    const gone = failure.kind === 'connection' || (failure.kind === 'server' && failure.retryable);
    if (!gone || !this.#relocate || signal?.aborted) return;
    this.#relocating ??= this.#relocate(signal)
      .then((place) => {
        this.#place = place;
      })
      // The failure that led here is the one to report, unless it is known why nothing will be found.
      .catch((error: unknown) => {
        if (error instanceof ModelError && error.kind === 'closed') throw error;
      })
      .finally(() => {
        this.#relocating = undefined;
      });
    await this.#relocating;
  }

  #endpoint(model?: string) {
    return { ...this.#place, ...(model === undefined ? {} : { model }) };
  }
}
