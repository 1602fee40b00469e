import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { CompletionRequest } from './api.ts';

type Finish = 'stop' | 'length';

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
}

/** Writes a reply of /v1/chat/completions, whole or streamed. */
export class Reply {
  readonly #request: CompletionRequest;
  readonly #response: ServerResponse;
  readonly #head: { id: string; created: number; model: string };
  readonly #texts: string[];
  readonly #finishes: Finish[] = [];

  constructor(request: CompletionRequest, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.#head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: request.model };
    this.#texts = Array.from({ length: request.n ?? 1 }, () => '');
  }

  open(): void {
    if (!this.#request.stream) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const index of this.#texts.keys())
      this.#chunk({ choices: [delta(index, { role: 'assistant', content: '' })] });
  }

  add(index: number, text: string): void {
    this.#texts[index] = (this.#texts[index] ?? '') + text;
    if (this.#request.stream) this.#chunk({ choices: [delta(index, { content: text })] });
  }

  finish(index: number, finish: Finish): void {
    this.#finishes[index] = finish;
    if (this.#request.stream) this.#chunk({ choices: [{ ...delta(index, {}), finish_reason: finish }] });
  }

  close(usage: WireUsage): void {
    if (this.#request.stream) {
      if (this.#request.stream_options?.include_usage) this.#chunk({ choices: [], usage });
      this.#response.end('data: [DONE]\n\n');
      return;
    }
    const choices = this.#texts.map((content, index) => ({
      index,
      message: { role: 'assistant', content },
      finish_reason: this.#finishes[index],
    }));
    const body = JSON.stringify({ ...this.#head, object: 'chat.completion', choices, usage });
    this.#response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }

  #chunk(part: object): void {
    this.#response.write(`data: ${JSON.stringify({ ...this.#head, object: 'chat.completion.chunk', ...part })}\n\n`);
  }
}

function delta(index: number, piece: object) {
  return { index, delta: piece, finish_reason: null };
}
