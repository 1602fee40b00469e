import type { ServerResponse } from 'node:http';
import { ApiError, type CompletionRequest, generationsOf, readCompletionRequest, type Served } from './api.ts';
import type { Engine, Generated, Generation } from './engine.ts';
import { Reply, type WireUsage } from './reply.ts';
import { TemplateError } from './template.ts';

export interface CompletionsOptions extends Served {
  engine: Engine;
  /** Generations at the same time, and waiting. */
  sequences: number;
  queue: number;
  log: (line: string) => void;
}

/** /v1/chat/completions: the queue before the engine, and the shapes of OpenAI's replies, whole or streamed. */
export class Completions {
  readonly #options: CompletionsOptions;
  /** Generations taken on and not yet finished. */
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
    const jobs = generationsOf(request, this.#encode(request), this.#options);
    this.#admit(jobs.length);
    const startedAt = performance.now();
    try {
      const reply = new Reply(request, response);
      reply.open();
      const done = await Promise.all(
        jobs.map((job, index) =>
          this.#options.engine
            .generate(job, (text) => reply.add(index, text), signal)
            .then((generated) => {
              reply.finish(index, generated.finish);
              return generated;
            }),
        ),
      );
      reply.close(usageOf(jobs, done));
      this.#report(jobs, done, performance.now() - startedAt);
    } finally {
      this.#load -= jobs.length;
    }
  }

  #encode(request: CompletionRequest) {
    try {
      return this.#options.engine.encode(request.messages);
    } catch (error) {
      if (error instanceof TemplateError)
        throw new ApiError(400, `The messages do not fit the model: ${error.message}`);
      throw error;
    }
  }

  #admit(jobs: number): void {
    const { sequences, queue } = this.#options;
    if (this.#load > 0 && this.#load + jobs > sequences + queue) {
      const rounds = (this.#load + jobs - queue) / sequences;
      const seconds = Math.min(30, Math.max(1, Math.ceil((rounds * this.#usualMs) / 1000)));
      throw new ApiError(429, `${this.#load} replies are being written or waited for; no more are taken on.`, seconds);
    }
    this.#load += jobs;
  }

  #report(jobs: Generation[], done: Generated[], ms: number): void {
    this.#usualMs = 0.8 * this.#usualMs + 0.2 * ms;
    const sum = (key: 'tokens' | 'reused') => done.reduce((total, one) => total + one[key], 0);
    const prompt = jobs[0]?.prompt.length ?? 0;
    this.#options.log(
      `${done.length} of ${prompt} tokens: ${sum('reused')} reused, ${sum('tokens')} written in ${Math.round(ms)} ms`,
    );
  }
}

function usageOf(jobs: Generation[], done: Generated[]): WireUsage {
  const prompt = jobs[0]?.prompt.length ?? 0;
  const completion = done.reduce((sum, one) => sum + one.tokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: done[0]?.reused ?? 0 },
  };
}
