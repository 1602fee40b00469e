import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { ChatMessage } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { Generation } from './engine.ts';
import type { LlamaGrammar, Token } from './llama.ts';

/** A request that can't be served; becomes an OpenAI-style error object. */
export class ApiError extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** Machine-readable reason. */
  readonly code: string | undefined;

  constructor(status: number, message: string, retryAfterSeconds?: number, code?: string) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.code = code;
  }
}

const TextPart = z.object({ type: z.literal('text'), text: z.string() });
const Message = z.object({
  role: ChatMessage.shape.role.or(z.literal('developer').transform(() => 'system' as const)),
  content: z.string().or(z.array(TextPart).transform((parts) => parts.map((part) => part.text).join(''))),
});
const limit = z.number().int().positive().nullish();

/** Supported fields of /v1/chat/completions; others are ignored. */
export const CompletionRequest = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  /** An extension of llama.cpp's server, with the same default. 0 = all tokens. */
  top_k: z.number().int().nonnegative().nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  seed: z.number().int().nullish(),
  n: z.number().int().min(1).max(64).nullish(),
  stop: z.string().or(z.array(z.string()).max(16)).nullish(),
  /** The reply is an object of JSON, or one of a JSON Schema; its other constraints are ignored. */
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  /** As vLLM: the reply continues the last message, which is the assistant's. */
  continue_final_message: z.boolean().nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** A request of /tokenize, as vLLM: a chat, or a text. */
export const TokenizeRequest = z.union([
  z.object({
    messages: z.array(Message).min(1),
    add_generation_prompt: z.boolean().nullish(),
    continue_final_message: z.boolean().nullish(),
  }),
  z.object({ prompt: z.string() }),
]);

/** The served model and its limits. */
export interface Served {
  model: string;
  contextSize: number;
}

/** @throws ApiError 400 that names the field; 404 for another model. */
export function readCompletionRequest(body: string, served: Pick<Served, 'model'>): CompletionRequest {
  const request = parseCompletionRequest(body);
  if (request.model === served.model) return request;
  throw new ApiError(404, `The model ${JSON.stringify(request.model)} does not exist here; this is ${served.model}.`);
}

/** @throws ApiError 400 that names the field. */
export function parseCompletionRequest(body: string): CompletionRequest {
  return parseRequest(body, CompletionRequest);
}

/** @throws ApiError 400 that names the field. */
export function parseRequest<T>(body: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new ApiError(400, 'The body is not JSON.');
  }
  const read = schema.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new ApiError(400, `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'is not valid'}`);
  }
  return read.data;
}

/** node-llama-cpp's grammars of JSON end with these characters and allow more of them. */
const END_OF_JSON = '\n\n\n\n';

/** The `n` generations of a request, each with its own seed. @throws ApiError 400 when they exceed the context. */
export function generationsOf(
  request: CompletionRequest,
  prompt: Token[],
  served: Served,
  grammar?: LlamaGrammar,
): Generation[] {
  const room = served.contextSize - prompt.length;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? Math.max(1, room);
  if (maxTokens > room) {
    throw new ApiError(
      400,
      `The prompt has ${plural(prompt.length, 'token')} and max_tokens is ${formatCount(maxTokens)}: together they are more than the context of ` +
        `${plural(served.contextSize, 'token')}. Shorten the prompt or lower max_tokens.`,
    );
  }
  const seed = request.seed ?? Math.floor(Math.random() * 2 ** 32);
  const { stop } = request;
  return Array.from({ length: request.n ?? 1 }, (_, index) => ({
    prompt,
    maxTokens,
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    topK: request.top_k ?? 40,
    seed: seed + index,
    ...defined({ grammar }),
    stops: [...(grammar ? [END_OF_JSON] : []), ...[stop ?? []].flat()],
  }));
}
