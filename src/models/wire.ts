import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { CallReply, CallRequest, Usage } from '../core/model/index.ts';
import { type Endpoint, type ModelError, malformed } from './errors.ts';
import { partReasoning } from './reasoning.ts';

/** What a server was found not to accept; learnt from its refusals, for the life of a client. */
export interface Habits {
  stream: boolean;
  streamOptions: boolean;
  /** OpenAI's newer models refuse `max_tokens`; most other servers know only that. */
  limit: 'max_tokens' | 'max_completion_tokens';
  /** How a reply is held to the schema of its request: to the schema, to JSON at least, or by its words alone. */
  format: 'json_schema' | 'json_object' | 'none';
}

/** The body of a call. Sampling is always spelt out: servers' own defaults differ from model to model and from release to release. */
export function requestBody(request: CallRequest, habits: Habits): ChatCompletionCreateParams {
  return {
    model: request.model,
    messages: request.messages,
    temperature: request.sampling.temperature,
    top_p: request.sampling.topP,
    [habits.limit]: request.sampling.maxTokens,
    seed: request.seed,
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
 * schema in many words, so any refusal of a request that has one is a reason to ask with less.
 */
export function afterRefusal(error: ModelError, habits: Habits, hasSchema: boolean): Habits | undefined {
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
  if (!hasSchema || habits.format === 'none') return undefined;
  return { ...habits, format: habits.format === 'json_schema' ? 'json_object' : 'none' };
}

const Piece = z.object({
  content: z.string().nullish(),
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});
/** Anything else would make the journal's line unreadable, and its call be paid again; it is estimated instead. */
const TokenCount = z.number().int().nonnegative().nullish().catch(undefined);
const WireUsage = z.object({ prompt_tokens: TokenCount, completion_tokens: TokenCount }).nullish().catch(undefined);
const Part = z.object({
  choices: z
    .array(z.object({ delta: Piece.nullish(), message: Piece.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: WireUsage,
});

export type ReasoningFrom = 'reasoning' | 'reasoning_content' | 'think';

/** A reply and what was learnt about the server on the way. */
export interface Exchange {
  reply: CallReply;
  /** Milliseconds to the first piece of text; the whole time when not streamed. */
  firstMs: number;
  streamed: boolean;
  usageReported: boolean;
  reasoningFrom?: ReasoningFrom;
}

/** What came of a reply since the part before. */
export interface ReplyPart {
  text: string;
  reasoning: string;
}

const NOTHING: ReplyPart = { text: '', reasoning: '' };

/** Collects a reply from the chunks of a stream or from the one object of a plain reply. */
export class Collector {
  readonly #endpoint: Endpoint;
  readonly #startedAt = performance.now();
  #content = '';
  #reasoning = '';
  #field: ReasoningFrom | undefined;
  #finish: string | undefined;
  #usage: z.infer<typeof WireUsage> | undefined;
  #firstMs: number | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /**
   * @returns What this part brought; the inside of `<think>` still counts as text here.
   * @throws ModelError `malformed` when it isn't shaped like a completion.
   */
  add(raw: unknown): ReplyPart {
    const part = Part.safeParse(raw);
    if (!part.success) throw malformed('it is not shaped like a chat completion', this.#endpoint);
    if (part.data.usage) this.#usage = part.data.usage;
    const choice = part.data.choices?.[0];
    if (!choice) return NOTHING;
    if (choice.finish_reason) this.#finish = choice.finish_reason;
    const piece = choice.delta ?? choice.message;
    if (!piece) return NOTHING;
    const reasoning = piece.reasoning ?? piece.reasoning_content ?? '';
    if (reasoning !== '') this.#field ??= piece.reasoning ? 'reasoning' : 'reasoning_content';
    this.#reasoning += reasoning;
    this.#content += piece.content ?? '';
    if (reasoning !== '' || piece.content) this.#firstMs ??= performance.now() - this.#startedAt;
    return { text: piece.content ?? '', reasoning };
  }

  /** @throws ModelError `malformed` when the reply ended without a word on why. */
  finish(request: CallRequest, streamed: boolean): Exchange {
    if (this.#finish === undefined) throw malformed('it ended without a finish_reason', this.#endpoint);
    const ms = performance.now() - this.#startedAt;
    const parted =
      this.#field === undefined
        ? partReasoning(this.#content)
        : { text: this.#content, reasoning: this.#reasoning.trim() };
    const from = this.#field ?? (parted.reasoning === undefined ? undefined : 'think');
    return {
      reply: { ...parted, finish: this.#finish, usage: this.#count(request), ms: Math.round(ms) },
      firstMs: Math.round(this.#firstMs ?? ms),
      streamed,
      usageReported: this.#usageReported(),
      ...(from === undefined ? {} : { reasoningFrom: from }),
    };
  }

  #usageReported(): boolean {
    return typeof this.#usage?.completion_tokens === 'number';
  }

  #count(request: CallRequest): Usage {
    const guess = (characters: number) => Math.ceil(characters / 4);
    const prompt = guess(request.messages.reduce((sum, message) => sum + message.content.length, 0));
    return {
      prompt: this.#usage?.prompt_tokens ?? prompt,
      completion: this.#usage?.completion_tokens ?? guess(this.#content.length + this.#reasoning.length),
      estimated: !this.#usageReported(),
    };
  }
}
