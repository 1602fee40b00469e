import { APIError } from 'openai/error';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { CompletionCreateParams } from 'openai/resources/completions';
import { z } from 'zod';
import { defined } from '../core/defined.ts';
import type { CallReply, CallRequest, Usage } from '../core/schemas/index.ts';
import { KeyRedactor, redactKey } from '../core/text/redact-key.ts';
import { type Endpoint, type ModelError, malformed } from './errors.ts';
import { Choice, type ReasoningFrom, ReplyPiece, readPiece } from './reasoning.ts';

/** What a server accepts, learnt from its refusals by a client. */
export interface Habits {
  stream: boolean;
  streamOptions: boolean;
  /** OpenAI's newer models reject `max_tokens`; most other servers support only that. */
  limit: 'max_tokens' | 'max_completion_tokens';
  /** How the schema of a request is enforced: fully, as JSON only, or only by the prompt. */
  format: 'json_schema' | 'json_object' | 'none';
  /** Most choices per request; 1 if the server does not support `n`. */
  choices: number;
}

/** The body of a call. It has all sampling parameters, since defaults differ by server, model and release. */
export function requestBody(request: CallRequest, n: number, habits: Habits): ChatCompletionCreateParams {
  return {
    model: request.model,
    ...conversation(request),
    ...samplingOf(request, n, habits),
    ...responseFormat(request.schema, habits.format),
  };
}

/** The messages, and how vLLM, SGLang and the starter are asked to continue the last one. */
export function conversation({ messages, prefix }: Pick<CallRequest, 'messages' | 'prefix'>) {
  if (prefix === undefined) return { messages };
  const last = { role: 'assistant' as const, content: prefix };
  return { messages: [...messages, last], continue_final_message: true, add_generation_prompt: false };
}

/** The body of a call of /completions, which continues token ids. */
export function completionBody(
  request: CallRequest,
  prompt: readonly number[],
  n: number,
  habits: Habits,
): CompletionCreateParams {
  return { model: request.model, prompt: [...prompt], ...samplingOf(request, n, habits) };
}

function samplingOf(request: CallRequest, n: number, habits: Habits) {
  return {
    temperature: request.sampling.temperature,
    top_p: request.sampling.topP,
    [habits.limit]: request.sampling.maxTokens,
    seed: request.seed,
    ...(n > 1 && { n }),
    stream: habits.stream,
    ...(habits.stream && habits.streamOptions && { stream_options: { include_usage: true } }),
  };
}

function responseFormat(
  schema: CallRequest['schema'],
  format: Habits['format'],
): Pick<ChatCompletionCreateParams, 'response_format'> {
  if (schema === undefined || format === 'none') return {};
  if (format === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } };
}

/**
 * The habits to try after a refusal; undefined when nothing is left to omit. Servers reject a schema or several choices with many different
 * messages, so any refusal of such a request counts.
 */
export function afterRefusal(error: ModelError, habits: Habits, hasSchema: boolean, n = 1): Habits | undefined {
  const { message } = error;
  const aboutSchema = hasSchema && /response_format|json_schema|grammar|guided|structured/i.test(message);
  // Some servers fail on a schema instead of rejecting it.
  const fails = error.kind === 'server' && (!error.retryable || aboutSchema);
  if (error.kind !== 'bad-request' && !fails) return undefined;
  if (habits.limit === 'max_tokens' && /\buse\b.*max_completion_tokens/i.test(message)) {
    return { ...habits, limit: 'max_completion_tokens' };
  }
  if (habits.stream && habits.streamOptions && /stream_options|include_usage/.test(message)) {
    return { ...habits, streamOptions: false };
  }
  if (habits.stream && /\bstream(?:ing|ed)?\b/i.test(message)) return { ...habits, stream: false };
  if (n > 1) return { ...habits, choices: 1 };
  if (!hasSchema || habits.format === 'none') return undefined;
  return { ...habits, format: habits.format === 'json_schema' ? 'json_object' : 'none' };
}

/** More than any call; sums of larger counts would not be exact. */
const MOST_TOKENS = 1e9;
/** An invalid count is estimated instead; it would make the journal's line unreadable and its call be paid again. */
const TokenCount = z.number().int().nonnegative().max(MOST_TOKENS).nullish().catch(undefined);
const WireUsage = z.object({ prompt_tokens: TokenCount, completion_tokens: TokenCount }).nullish().catch(undefined);
const Part = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().int().nonnegative().nullish(),
        delta: ReplyPiece.nullish(),
        message: ReplyPiece.nullish(),
        /** Of /completions. */
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: WireUsage,
  /** Sent instead of a reply or a chunk when the server fails. */
  error: z
    .union([z.string(), z.looseObject({})])
    .nullish()
    .catch(undefined),
});

/** @throws APIError for an error sent instead of a reply or a chunk; ModelError `malformed` for what is not a completion. */
function readPart(raw: unknown, endpoint: Endpoint): z.infer<typeof Part> {
  const part = Part.safeParse(raw);
  const error = part.data?.error;
  if (error) {
    throw new APIError(undefined, typeof error === 'string' ? { message: error } : error, undefined, undefined);
  }
  if (!part.success) throw malformed('it is not shaped like a chat completion', endpoint);
  return part.data;
}

/** Code units of a `finish_reason`, which is one word. */
const LONGEST_FINISH = 100;

/** The replies to a request, and facts about the server. */
export interface Exchange {
  /** Requested choices. */
  asked: number;
  /** The choices that ended, in order; at least one. */
  replies: { choice: number; reply: CallReply }[];
  /** Milliseconds to the first piece of text; the whole time when not streamed. */
  firstMs: number;
  streamed: boolean;
  usageReported: boolean;
  /** The connection broke after at least one choice had ended. */
  broken?: boolean;
  reasoningFrom?: ReasoningFrom;
}

/** The reply to a request for one choice. */
export function firstReply({ replies }: Exchange): CallReply {
  const [first] = replies;
  if (first === undefined) throw new RangeError('An exchange without a reply.');
  return first.reply;
}

/** The exchange for a prompt that the provider's content filter rejected; nothing is charged. */
export function blockedExchange(n: number): Exchange {
  const reply = { text: '', finish: 'content_filter', usage: { prompt: 0, completion: 0, estimated: false }, ms: 0 };
  const replies = Array.from({ length: n }, (_, choice) => ({ choice, reply }));
  return { asked: n, replies, firstMs: 0, streamed: false, usageReported: false };
}

/** A streamed part of a reply. */
export interface ReplyPart {
  text: string;
  reasoning: string;
}

/** Passes on streamed parts without the key, which a server may quote. */
export class LiveParts {
  readonly #onPart: (part: ReplyPart) => void;
  readonly #text: KeyRedactor;
  readonly #reasoning: KeyRedactor;

  constructor(onPart: (part: ReplyPart) => void, key: string | undefined) {
    this.#onPart = onPart;
    [this.#text, this.#reasoning] = [new KeyRedactor(secretOf(key)), new KeyRedactor(secretOf(key))];
  }

  add({ text, reasoning }: ReplyPart): void {
    this.#onPart({ text: this.#text.add(text), reasoning: this.#reasoning.add(reasoning) });
  }

  /** Passes on the rest after the last part. */
  end(): void {
    this.#onPart({ text: this.#text.end(), reasoning: this.#reasoning.end() });
  }
}

/** Collects the replies from the chunks of a stream or from the one object of a plain reply. */
export class Collector {
  readonly #endpoint: Endpoint;
  readonly #n: number;
  readonly #startedAt = performance.now();
  readonly #choices = new Map<number, Choice>();
  #usage: z.infer<typeof WireUsage> | undefined;
  #ended: Choice | undefined;
  #firstMs: number | undefined;

  constructor(endpoint: Endpoint, n: number) {
    this.#endpoint = endpoint;
    this.#n = n;
  }

  /**
   * @returns what this part adds to the first choice; text in `<think>` is not separated here.
   * @throws ModelError `malformed` when it isn't a completion.
   */
  add(raw: unknown): ReplyPart {
    const { usage, choices } = readPart(raw, this.#endpoint);
    if (usage) this.#usage = usage;
    // llama.cpp's server sends the usage of each choice after its end; others send the total after the last.
    if (usage && this.#ended && !choices?.length) this.#ended.tokens = usage.completion_tokens ?? undefined;
    const first = { text: '', reasoning: '' };
    const whole = new Set<number>();
    for (const [at, { index, delta, message, text: plain, finish_reason }] of choices?.entries() ?? []) {
      const place = index ?? at;
      // Some servers give each whole reply the index 0.
      if (place >= this.#n || whole.has(place)) continue;
      if (message) whole.add(place);
      const choice = this.#choices.get(place) ?? new Choice();
      this.#choices.set(place, choice);
      if (finish_reason) {
        choice.finish = finish_reason.slice(0, LONGEST_FINISH);
        this.#ended = choice;
      }
      const piece = delta ?? message ?? (plain == null ? undefined : { content: plain });
      if (!piece) continue;
      const { text, reasoning, from } = readPiece(piece);
      choice.add(text, reasoning, from);
      choice.refusal += piece.refusal ?? '';
      if (text !== '' || reasoning !== '') this.#firstMs ??= performance.now() - this.#startedAt;
      if (place > 0) continue;
      first.text += text;
      first.reasoning += reasoning;
    }
    return first;
  }

  /** Whether a choice has ended. */
  get hasReply(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether all choices have ended. */
  get isComplete(): boolean {
    return this.#choices.size >= this.#n && [...this.#choices.values()].every(({ finish }) => finish !== undefined);
  }

  /** @throws ModelError `malformed` when no choice has a finish reason. */
  finish(request: CallRequest, streamed: boolean): Exchange {
    const ms = performance.now() - this.#startedAt;
    const ended = [...this.#choices].filter(([, choice]) => choice.finish !== undefined).sort(([a], [b]) => a - b);
    if (ended.length === 0) throw malformed('it ended without a finish_reason', this.#endpoint);
    const usages = this.#shares(
      request,
      ended.map(([, choice]) => choice),
    );
    const replies = ended.map(([place, choice], i) => ({
      choice: place,
      reply: {
        ...withoutKey(
          {
            ...(request.prefix === undefined ? choice.parted() : choice.unparted()),
            ...refusalOf(choice),
            finish: choice.finish ?? '',
          },
          this.#endpoint.apiKey,
        ),
        usage: usages[i] ?? NO_USAGE,
        ms: Math.round(ms),
      },
    }));
    const from = ended.map(([, choice]) => choice.reasoningFrom).find((one) => one !== undefined);
    return {
      asked: this.#n,
      replies,
      firstMs: Math.round(this.#firstMs ?? ms),
      streamed,
      usageReported: typeof this.#usage?.completion_tokens === 'number',
      ...defined({ reasoningFrom: from }),
    };
  }

  /**
   * Most servers count per request: the first choice gets the prompt tokens, and the completion tokens are divided by length, so that the sums
   * over the journal are what was paid. Shares of several choices are estimates.
   */
  #shares(request: CallRequest, choices: readonly Choice[]): Usage[] {
    const guess = (count: number): number => Math.ceil(count / 4);
    const { messages, prefix = '' } = request;
    const prompt = guess(messages.reduce((sum, message) => sum + message.content.length, prefix.length));
    const completion = this.#usage?.completion_tokens;
    const each = choices.every(({ tokens }) => tokens !== undefined);
    const all = choices.reduce((sum, { characters }) => sum + characters, 0);
    let seen = 0;
    return choices.map(({ characters, tokens }, i) => {
      const before = seen;
      seen += characters;
      const upTo = (end: number): number => Math.round(((completion ?? 0) * end) / Math.max(1, all));
      const share = choices.length === 1 ? completion : each ? tokens : undefined;
      return {
        prompt: i === 0 ? (this.#usage?.prompt_tokens ?? prompt) : 0,
        completion: share ?? (completion == null ? guess(characters) : upTo(seen) - upTo(before)),
        estimated: share == null,
      };
    });
  }
}

function refusalOf({ refusal }: Choice): Pick<CallReply, 'refusal'> {
  return refusal === '' ? {} : { refusal };
}

/** Shorter keys are placeholders such as `EMPTY` or `token-abc123`, which a model may write. */
const SHORTEST_SECRET = 16;

function secretOf(key: string | undefined): string | undefined {
  return key === undefined || key.length < SHORTEST_SECRET ? undefined : key;
}

/** Removes the key, which a server may quote in a reply, since datasets are published. */
function withoutKey<T extends Record<string, string | undefined>>(texts: T, key: string | undefined): T {
  const secret = secretOf(key);
  if (secret === undefined) return texts;
  const entries = Object.entries(texts).map(([name, text]) => [name, text && redactKey(text, secret)]);
  return Object.fromEntries(entries) as T;
}

const NO_USAGE: Usage = { prompt: 0, completion: 0, estimated: true };
