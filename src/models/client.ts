import OpenAI from 'openai';
import { _iterSSEMessages } from 'openai/core/streaming';
import type { z } from 'zod';
import { defined } from '../core/defined.ts';
import type { CallReply, CallRequest } from '../core/schemas/index.ts';
import { redactKey } from '../core/text/redact-key.ts';
import { type EndpointReport, probe } from './check.ts';
import { MOST_CHOICES } from './choices.ts';
import { type Continuation, continuationByIds, findContinuation } from './continuation.ts';
import { cancelled, ModelError, malformed, toModelError, tooLarge } from './errors.ts';
import { fetchReply } from './fetch.ts';
import { IdleGuard } from './idle.ts';
import { canonicalJson } from './key.ts';
import { LONGEST_TIMER_MS } from './retry.ts';
import {
  afterRefusal,
  blockedExchange,
  Collector,
  completionBody,
  type Exchange,
  firstReply,
  type Habits,
  LiveParts,
  type ReplyPart,
  requestBody,
} from './wire.ts';

export interface ModelClientOptions extends Place {
  /** Milliseconds of silence after which a call fails. */
  idleTimeoutMs: number;
  /** Most bytes of one reply. */
  maxReplyBytes?: number | undefined;
  /** `CallRequest.host` for this endpoint; see `hostOf`. */
  host: string;
  /** Finds or restarts a lost endpoint. The call that noticed still fails; the next one uses the new place. */
  relocate?: ((signal?: AbortSignal) => Promise<Place>) | undefined;
  /** Most replies per request, if known. */
  mostChoices?: number | undefined;
}

/** The address and key of an endpoint. */
export interface Place {
  /** Up to and including `/v1`. */
  baseURL: string;
  apiKey?: string | undefined;
  /** Why no key is sent although there is one; see `withheldKey`. */
  withheld?: string | undefined;
}

/** An entry of /models: servers add fields of their own. */
export type ModelEntry = { id: string } & Readonly<Record<string, unknown>>;

type OnPart = (part: ReplyPart) => void;

/** Answers of `#continuation` that are kept. */
const CONTINUATIONS_KEPT = 64;
/** Failures that say nothing about what a server can do. */
const LOST: ReadonlySet<string> = new Set(['auth', 'cancelled', 'closed', 'connection', 'rate-limit', 'timeout']);
/** Most model names in a message. */
const NAMES_SHOWN = 8;

/** An OpenAI-compatible endpoint. It retries nothing itself; see `withRetries`. All methods throw `ModelError` and nothing else. */
export class ModelClient {
  readonly host: string;
  readonly #idleTimeoutMs: number;
  readonly #maxReplyBytes: number;
  readonly #relocate: ModelClientOptions['relocate'];
  #relocating: Promise<void> | undefined;
  #place: Place;
  #sdk: OpenAI;
  readonly #asked = new Map<string, Promise<Exchange>>();
  /** The latest answers of `#continuation`, by messages and prefix. */
  readonly #continuations = new Map<string, Promise<Continuation>>();
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
    this.#maxReplyBytes = options.maxReplyBytes ?? 16e6;
    this.#relocate = options.relocate;
    if (options.mostChoices !== undefined) this.#habits.choices = Math.min(MOST_CHOICES, options.mostChoices);
    this.#place = { baseURL: options.baseURL, apiKey: options.apiKey, withheld: options.withheld };
    this.#sdk = openSdk(this.#place);
  }

  get baseURL(): string {
    return this.#place.baseURL;
  }

  /** One call. `reply.ms` is the wall time of the successful request. */
  async chat(request: CallRequest, signal?: AbortSignal): Promise<CallReply> {
    return firstReply(await this.exchange(request, signal));
  }

  /**
   * Requests `n` samples of one prompt. The request has the first sample's seed, and the server decides about the seeds of the others.
   * @param onPart is called with the streamed parts of the first choice, without the key.
   * @returns 1 to `n` replies. If the server supports fewer than `n`, `mostChoices` is lower afterwards.
   */
  chatMany(request: CallRequest, n: number, signal?: AbortSignal, onPart?: OnPart): Promise<Exchange> {
    return this.#exchange(request, n, signal, onPart);
  }

  /** Most choices per request, as far as known. */
  get mostChoices(): number {
    return this.#habits.choices;
  }

  /** As `chat`, with facts about the server. When it rejects streaming or a schema, the request is repeated without it. */
  exchange(request: CallRequest, signal?: AbortSignal): Promise<Exchange> {
    return this.#exchange(request, 1, signal);
  }

  async #exchange(request: CallRequest, count: number, signal?: AbortSignal, onPart?: OnPart): Promise<Exchange> {
    const way = request.prefix === undefined ? undefined : await this.#continuation(request, signal);
    for (let habits = this.#habits; ; ) {
      const n = Math.min(count, habits.choices);
      try {
        const exchange = await this.#once(request, n, habits, way, signal, onPart);
        const came = exchange.replies.length;
        this.#habits = came < n && came === 1 && !exchange.broken ? { ...habits, choices: 1 } : habits;
        return exchange;
      } catch (error) {
        const failure = toModelError(error, this.#endpoint(request.model));
        if (failure.kind === 'blocked') return blockedExchange(n);
        const next = afterRefusal(failure, habits, request.schema !== undefined, n);
        if (next === undefined) {
          await this.#find(failure, signal);
          throw await this.#withNames(failure, request.model, signal);
        }
        habits = next;
      }
    }
  }

  /**
   * How a call with a `prefix` is checked before it is paid. Costs nothing.
   * @throws ModelError `bad-request` when the endpoint can't continue this prefix, as far as that is known without a paid call.
   */
  async checkOfPrefix(request: CallRequest, signal?: AbortSignal): Promise<Continuation['checkedBy']> {
    const byIds = await continuationByIds(
      { post: (path, body, schema) => this.#postBeside(path, body, schema, signal) },
      request,
    );
    return byIds?.checkedBy ?? 'reply';
  }

  /** How a reply continues the `prefix` of this request; see findContinuation. @throws ModelError `bad-request` when the endpoint can't. */
  #continuation(request: CallRequest, signal?: AbortSignal): Promise<Continuation> {
    const key = canonicalJson([request.model, request.messages, request.prefix]);
    const known = this.#continuations.get(key);
    if (known) return known;
    const found = findContinuation(
      {
        post: (path, body, schema) => this.#postBeside(path, body, schema, signal),
        chat: async (chat) => firstReply(await this.#askedOnce(chat, signal)),
      },
      request,
    );
    this.#continuations.set(key, found);
    for (const oldest of this.#continuations.keys()) {
      if (this.#continuations.size <= CONTINUATIONS_KEPT) break;
      this.#continuations.delete(oldest);
    }
    found.catch(() => this.#continuations.delete(key));
    return found;
  }

  /** The call of findContinuation, which is the same for every text: it is paid once for a model. */
  #askedOnce(request: CallRequest, signal: AbortSignal | undefined): Promise<Exchange> {
    const known = this.#asked.get(request.model);
    if (known) return known;
    const asked = this.#once(request, 1, { ...this.#habits, stream: false }, { checkedBy: 'reply' }, signal);
    this.#asked.set(request.model, asked);
    asked.catch(() => this.#asked.delete(request.model));
    return asked;
  }

  /** Posts to a path beside /v1. Undefined when the server does not have it, or does not take such a body. */
  async #postBeside<T>(
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    try {
      return await this.#guarded(undefined, signal, async (guard) => {
        const url = `${this.#place.baseURL.replace(/\/+$/, '').replace(/\/v1$/, '')}${path}`;
        const response = await this.#sdk.post(url, { body, ...this.#watched(guard) }).asResponse();
        return schema.safeParse(await response.json()).data;
      });
    } catch (error) {
      if (error instanceof ModelError && !LOST.has(error.kind)) return undefined;
      throw error;
    }
  }

  /** Model names in the order of the endpoint. */
  async listModels(signal?: AbortSignal): Promise<string[]> {
    return (await this.modelEntries(signal)).map(({ id }) => id);
  }

  /** The endpoint's entry for each model. */
  async modelEntries(signal?: AbortSignal): Promise<ModelEntry[]> {
    return this.#guarded(undefined, signal, async (guard) => {
      const page = await this.#sdk.models.list(this.#watched(guard));
      const entries: unknown = page.data;
      if (!Array.isArray(entries)) throw malformed('it is not a list of models', this.#endpoint());
      return entries
        .filter((entry): entry is ModelEntry => typeof entry?.id === 'string')
        .map((entry) => ({ ...entry, id: redactKey(entry.id, this.#place.apiKey) }));
    });
  }

  /** Finds out what the endpoint can do with a few tiny calls. */
  check(model: string, signal?: AbortSignal): Promise<EndpointReport> {
    return probe(this, model, signal);
  }

  async #once(
    request: CallRequest,
    n: number,
    habits: Habits,
    way?: Continuation,
    signal?: AbortSignal,
    onPart?: OnPart,
  ): Promise<Exchange> {
    return this.#guarded(request.model, signal, async (guard) => {
      const collector = new Collector(this.#endpoint(request.model), n);
      // Bytes after the end of a reply, such as keep-alive comments, do not prolong it.
      const watched = this.#watched(guard, () => !collector.isComplete);
      const sent = way?.prompt
        ? this.#sdk.completions.create(completionBody(request, way.prompt, n, habits), watched)
        : this.#sdk.chat.completions.create(requestBody(request, n, habits), watched);
      const response = await sent.asResponse();
      guard.touch();
      const type = response.headers.get('content-type') ?? '';
      if (/\bhtml\b/i.test(type)) throw malformed(`it is ${type}`, this.#endpoint(request.model));
      // Some servers accept `stream` and do not stream.
      if (!habits.stream || type.includes('application/json')) {
        collector.add(await response.json());
        return collector.finish(request, false);
      }
      const live = onPart && new LiveParts(onPart, this.#place.apiKey);
      let broken = false;
      try {
        for await (const raw of partsOf(response)) {
          const part = collector.add(raw);
          live?.add(part);
        }
      } catch (error) {
        // Choices that ended before the connection broke are paid replies.
        if (!collector.hasReply) throw error;
        broken = true;
      } finally {
        live?.end();
      }
      return { ...collector.finish(request, true), ...(broken && { broken }) };
    });
  }

  /** Runs `work` with the idle limit and converts its errors to `ModelError`. */
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
      // Closes the connection of a partly read reply.
      guard.stop(error);
      throw toModelError(guard.signal.reason, this.#endpoint(model));
    } finally {
      guard.dispose();
    }
  }

  /** Options for the SDK. While `isOpen`, any byte resets the idle limit; too many bytes stop the reply. */
  #watched(guard: IdleGuard, isOpen = () => true): OpenAI.RequestOptions {
    let received = 0;
    const onBytes = (bytes: number): void => {
      if (isOpen()) guard.touch();
      received += bytes;
      if (received > this.#maxReplyBytes) guard.stop(tooLarge(this.#maxReplyBytes));
    };
    return { signal: guard.signal, fetchOptions: { onBytes } };
  }

  #silent(): ModelError {
    return new ModelError('timeout', `Nothing came from ${this.baseURL} for ${this.#idleTimeoutMs / 1000} s.`, {
      advice: 'Is the server overloaded? Fewer requests in flight or a longer dialogue.idleTimeoutSeconds help.',
    });
  }

  /** Adds the endpoint's model names to a 404, which usually is a misspelt name. */
  async #withNames(failure: ModelError, model: string, signal: AbortSignal | undefined): Promise<ModelError> {
    if (failure.kind !== 'not-found') return failure;
    const names = await this.listModels(signal).catch((): string[] => []);
    if (names.length === 0 || names.includes(model)) return failure;
    const shown = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '');
    return new ModelError('not-found', failure.message, {
      advice: `Choose one of its models with Longhand: Manage Models…: ${redactKey(shown, this.#place.apiKey)}.`,
    });
  }

  /** Relocates the endpoint after a broken connection, once for all failed calls. */
  async #find(failure: ModelError, signal: AbortSignal | undefined): Promise<void> {
    const gone = failure.kind === 'connection' || (failure.kind === 'server' && failure.retryable);
    if (!gone || !this.#relocate || signal?.aborted) return;
    this.#relocating ??= this.#relocate(signal)
      .then((place) => {
        this.#place = place;
        this.#sdk = openSdk(place);
      })
      // The original failure is reported, unless the endpoint is known to be closed.
      .catch((error: unknown) => {
        if (error instanceof ModelError && error.kind === 'closed') throw error;
      })
      .finally(() => {
        this.#relocating = undefined;
      });
    await this.#relocating;
  }

  #endpoint(model?: string) {
    return { ...this.#place, ...defined({ model }) };
  }
}

/**
 * The SDK's client without its own retries and limits, and without its settings from the environment: a key, organisation, header or log level there
 * may be meant for another host.
 */
function openSdk({ baseURL, apiKey }: { baseURL: string; apiKey?: string | undefined }): OpenAI {
  return new OpenAI({
    baseURL: baseURL.replace(/\/+$/, ''),
    apiKey: apiKey || 'none',
    adminAPIKey: null,
    defaultHeaders: { Authorization: apiKey ? `Bearer ${apiKey}` : null },
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
    fetch: fetchReply,
  });
}

/**
 * The parsed chunks of a streamed reply, up to `[DONE]`. The SDK's own `Stream` fails at events without data, which proxies send to keep a connection
 * open.
 * @throws SyntaxError for a chunk that is not JSON; the connection's error.
 */
async function* partsOf(response: Response): AsyncGenerator<unknown, void> {
  for await (const { data } of _iterSSEMessages(response, new AbortController())) {
    if (data === '[DONE]') return;
    if (data.trim() !== '') yield JSON.parse(data);
  }
}
