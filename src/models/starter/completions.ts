import type { ServerResponse } from 'node:http';
import { messageOf, UserError } from '../../core/errors.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import {
  ApiError,
  type CompletionRequest,
  generationsOf,
  parseRequest,
  readCompletionRequest,
  type Served,
  TokenizeRequest,
} from './api.ts';
import type { Engine, Generated, Generation } from './engine.ts';
import type { LlamaGrammar } from './llama.ts';
import { Reply, type WireUsage } from './reply.ts';

export interface CompletionsOptions extends Served {
  engine: Engine;
  /** Most concurrent and most waiting generations. */
  sequences: number;
  queue: number;
  log: (line: string) => void;
}

/** Serves /v1/chat/completions with a queue, whole or streamed. */
export class Completions {
  readonly #options: CompletionsOptions;
  /** Admitted generations that have not finished. */
  #load = 0;
  /** Moving average of a generation's milliseconds, for Retry-After. */
  #usualMs = 1_000;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  get load(): number {
    return this.#load;
  }

  /** Answers one request. @throws ApiError before anything is sent. */
  async handle(body: string, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const request = readCompletionRequest(body, this.#options);
    const grammar = await this.#grammar(request);
    const generations = generationsOf(request, this.#encode(request), this.#options, grammar);
    this.#admit(generations.length);
    const startedAt = performance.now();
    try {
      const reply = new Reply(request, response);
      reply.open();
      const done = await Promise.all(
        generations.map((generation, index) =>
          this.#options.engine
            .generate(generation, (text) => reply.add(index, text), signal)
            .then((generated) => {
              reply.finish(index, generated.finish);
              return generated;
            }),
        ),
      );
      reply.close(usageOf(generations, done));
      this.#report(generations, done, performance.now() - startedAt);
    } finally {
      this.#load -= generations.length;
    }
  }

  /** The token ids of /tokenize. @throws ApiError 400 */
  tokenize(body: string): { count: number; tokens: number[] } {
    const request = parseRequest(body, TokenizeRequest);
    const tokens = 'prompt' in request ? this.#options.engine.tokenize(request.prompt) : this.#encode(request);
    return { count: tokens.length, tokens };
  }

  #encode({ messages, continue_final_message }: Pick<CompletionRequest, 'messages' | 'continue_final_message'>) {
    try {
      return this.#options.engine.encode(messages, continue_final_message ?? false);
    } catch (error) {
      if (error instanceof UserError && error.kind === 'chat-template')
        throw new ApiError(400, `The messages do not fit the model: ${error.message}`);
      throw error;
    }
  }

  async #grammar({ response_format: format }: CompletionRequest): Promise<LlamaGrammar | undefined> {
    if (!format || format.type === 'text') return undefined;
    try {
      return await this.#options.engine.grammar(format.type === 'json_schema' ? format.json_schema.schema : undefined);
    } catch (error) {
      throw new ApiError(400, `response_format: this schema can't be used here (${messageOf(error)}).`);
    }
  }

  #admit(generations: number): void {
    const { sequences, queue } = this.#options;
    if (this.#load > 0 && this.#load + generations > sequences + queue) {
      const rounds = (this.#load + generations - queue) / sequences;
      const seconds = Math.min(30, Math.max(1, Math.ceil((rounds * this.#usualMs) / 1000)));
      throw new ApiError(
        429,
        `The queue is full: ${plural(this.#load, 'reply', 'replies')} being written or waiting.`,
        seconds,
      );
    }
    this.#load += generations;
  }

  #report(generations: Generation[], done: Generated[], ms: number): void {
    this.#usualMs = 0.8 * this.#usualMs + 0.2 * ms;
    const sum = (key: 'tokens' | 'reused') => done.reduce((total, one) => total + one[key], 0);
    const prompt = generations[0]?.prompt.length ?? 0;
    this.#options.log(
      `${formatCount(done.length)} of ${plural(prompt, 'token')}: ${formatCount(sum('reused'))} reused, ${formatCount(sum('tokens'))} written in ${formatCount(ms)} ms`,
    );
  }
}

function usageOf(generations: Generation[], done: Generated[]): WireUsage {
  const prompt = generations[0]?.prompt.length ?? 0;
  const completion = done.reduce((sum, one) => sum + one.tokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: done[0]?.reused ?? 0 },
  };
}
