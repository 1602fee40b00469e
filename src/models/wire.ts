import { APIError } from 'openai/error';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { CallReply, CallRequest, Usage } from '../core/model/index.ts';
import { type Endpoint, type ModelError, malformed } from './errors.ts';
import { Choice } from './growing-choice.ts';
import { isPlainPiece, type ReasoningFrom, ReplyPiece, readPiece } from './reasoning.ts';

/** What a server was found not to accept; learnt from its refusals, for the life of a client. */
export interface Habits {
  stream: boolean;
  streamOptions: boolean;
  /** OpenAI's newer models refuse `max_tokens`; most other servers know only that. */
  limit: 'max_tokens' | 'max_completion_tokens';
  /** How a reply is held to the schema of its request: to the schema, to JSON at least, or by its words alone. */
  format: 'json_schema' | 'json_object' | 'none';
  /** Choices that one request may ask for; 1 where the server does not know `n`. */
  choices: number;
}

/** The body of a call. Sampling is always spelt out: servers' own defaults differ from model to model and from release to release. */
export function requestBody(request: CallRequest, n: number, habits: Habits): ChatCompletionCreateParams {
  return {
    model: request.model,
    messages: request.messages,
    temperature: request.sampling.temperature,
    top_p: request.sampling.topP,
    [habits.limit]: request.sampling.maxTokens,
    seed: request.seed,
    ...(n > 1 ? { n } : {}),
    stream: habits.stream,
    ...(habits.stream && habits.streamOptions ? { stream_options: { include_usage: true } } : {}),
    ...responseFormat(request.schema, habits.format),
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
 * The habits to try next after a refusal that names what was refused, or undefined when nothing is left to give up. Servers refuse a
 * schema or several choices in many words, so any refusal of a request that has one is a reason to ask with less.
 */
export function afterRefusal(error: ModelError, habits: Habits, hasSchema: boolean, n = 1): Habits | undefined {
  const said = error.message;
  const aboutSchema = hasSchema && /response_format|json_schema|grammar|guided|structured/i.test(said);
  // Some servers fail, instead of refusing, over a schema; any other failure of a server may pass.
  const fails = error.kind === 'server' && (!error.retryable || aboutSchema);
  if (error.kind !== 'bad-request' && !fails) return undefined;
  if (habits.limit === 'max_tokens' && /\buse\b.*max_completion_tokens/i.test(said)) {
    return { ...habits, limit: 'max_completion_tokens' };
  }
  if (habits.stream && habits.streamOptions && /stream_options|include_usage/.test(said)) {
    return { ...habits, streamOptions: false };
  }
  if (habits.stream && /\bstream(?:ing|ed)?\b/i.test(said)) return { ...habits, stream: false };
  if (n > 1) return { ...habits, choices: 1 };
  if (!hasSchema || habits.format === 'none') return undefined;
  return { ...habits, format: habits.format === 'json_schema' ? 'json_object' : 'none' };
}

/** Anything else would make the journal's line unreadable, and its call be paid again; it is estimated instead. */
const TokenCount = z.number().int().nonnegative().nullish().catch(undefined);
const WireUsage = z.object({ prompt_tokens: TokenCount, completion_tokens: TokenCount }).nullish().catch(undefined);
const Part = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().int().nonnegative().nullish(),
        delta: ReplyPiece.nullish(),
        message: ReplyPiece.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: WireUsage,
  /** In the place of a chunk: the server broke the reply off. */
  error: z
    .union([z.string(), z.looseObject({})])
    .nullish()
    .catch(undefined),
});

type Part = z.infer<typeof Part>;

/**
 * Whether it is the commonest chunk of a stream: one choice, a delta of texts. A reply has one for each token, and the schema takes ten times as long as this;
 * whatever is not told to be one here goes through the schema.
 */
function isPlainPart(raw: unknown): raw is Part {
  if (typeof raw !== 'object' || raw === null) return false;
  const { choices, usage, error } = raw as Record<string, unknown>;
  if (usage != null || error != null || !Array.isArray(choices) || choices.length !== 1) return false;
  const { index, delta, message, finish_reason } = (choices[0] ?? {}) as Record<string, unknown>;
  if (index !== 0 || message != null) return false;
  return (finish_reason == null || typeof finish_reason === 'string') && isPlainPiece(delta);
}

/** @throws APIError for the error that a server sent in the place of a chunk; ModelError `malformed` for what is not shaped like a completion. */
function readPart(raw: unknown, endpoint: Endpoint): Part {
  if (isPlainPart(raw)) return raw;
  const part = Part.safeParse(raw);
  const error = part.data?.error;
  if (error) {
    throw new APIError(undefined, typeof error === 'string' ? { message: error } : error, undefined, new Headers());
  }
  if (!part.success) throw malformed('it is not shaped like a chat completion', endpoint);
  return part.data;
}

/** What a request brought and what was learnt about the server on the way. */
export interface Exchange {
  /** Choices asked for. */
  asked: number;
  /** The choices that came to an end, in their order: at least one, at most as many as were asked for. */
  replies: { choice: number; reply: CallReply }[];
  /** Milliseconds to the first piece of text; the whole time when not streamed. */
  firstMs: number;
  streamed: boolean;
  usageReported: boolean;
  reasoningFrom?: ReasoningFrom;
}

/** The reply of a request for one. */
export function firstReply({ replies }: Exchange): CallReply {
  const [first] = replies;
  // A Collector throws rather than give none.
  if (first === undefined) throw new RangeError('An exchange without a reply.');
  return first.reply;
}

/** What came of a reply since the part before. */
export interface ReplyPart {
  text: string;
  reasoning: string;
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
   * @returns What this part brought to the first choice; the inside of `<think>` still counts as text here.
   * @throws ModelError `malformed` when it isn't shaped like a completion.
   */
  add(raw: unknown): ReplyPart {
    const { usage, choices } = readPart(raw, this.#endpoint);
    if (usage) this.#usage = usage;
    // llama.cpp's server counts each choice by itself, right behind its end; others all of them together, behind the last.
    if (usage && this.#ended && !choices?.length) this.#ended.tokens = usage.completion_tokens ?? undefined;
    const first = { text: '', reasoning: '' };
    for (const [at, { index, delta, message, finish_reason }] of choices?.entries() ?? []) {
      const place = index ?? at;
      if (place >= this.#n) continue;
      const choice = this.#choices.get(place) ?? new Choice();
      this.#choices.set(place, choice);
      if (finish_reason) {
        choice.finish = finish_reason;
        this.#ended = choice;
      }
      const piece = delta ?? message;
      if (!piece) continue;
      const { text, reasoning, from } = readPiece(piece);
      choice.add(text, reasoning, from);
      if (text !== '' || reasoning !== '') this.#firstMs ??= performance.now() - this.#startedAt;
      if (place > 0) continue;
      first.text += text;
      first.reasoning += reasoning;
    }
    return first;
  }

  /** @throws ModelError `malformed` when no choice ended with a word on why. */
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
      reply: { ...choice.parted(), finish: choice.finish ?? '', usage: usages[i] ?? NO_USAGE, ms: Math.round(ms) },
    }));
    const from = ended.map(([, choice]) => choice.reasoningFrom).find((one) => one !== undefined);
    return {
      asked: this.#n,
      replies,
      firstMs: Math.round(this.#firstMs ?? ms),
      streamed,
      usageReported: typeof this.#usage?.completion_tokens === 'number',
      ...(from === undefined ? {} : { reasoningFrom: from }),
    };
  }

  /**
   * Most servers count a request, not its choices: the first one carries the prompt, and the completion tokens are shared by length, so that the
   * sums over the journal are what was paid. Shares of several choices are estimates.
   */
  #shares(request: CallRequest, choices: readonly Choice[]): Usage[] {
    const guess = (count: number): number => Math.ceil(count / 4);
    const prompt = guess(request.messages.reduce((sum, message) => sum + message.content.length, 0));
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

const NO_USAGE: Usage = { prompt: 0, completion: 0, estimated: true };
