import { defined } from '../core/defined.ts';
import type { CallRequest, Usage } from '../core/schemas/index.ts';
import type { ReasoningFrom } from './reasoning.ts';
import { type Exchange, firstReply } from './wire.ts';

/** What test calls found out about a model at an endpoint. */
export interface EndpointReport {
  model: string;
  /** The beginning of the reply. */
  sample: string;
  /** Milliseconds to the first piece of text, and to the end, of the first call. */
  firstMs: number;
  totalMs: number;
  usage: Usage;
  /** The server counts tokens; otherwise counts are estimates. */
  usageReported: boolean;
  streamed: boolean;
  /**
   * `honoured`: the same seed gave the same text, and another seed another text; `ignored`: the same seed gave different texts;
   * `unknown`: all texts were the same.
   */
  seed: 'honoured' | 'ignored' | 'unknown';
  /** Where the reasoning of the reply was; absent when there was none. */
  reasoningFrom?: ReasoningFrom;
}

interface Exchanger {
  readonly host: string;
  exchange(request: CallRequest, signal?: AbortSignal): Promise<Exchange>;
}

/** An open question at a high temperature: different seeds rarely give the same 24 tokens. */
function question(host: string, model: string, seed: number): CallRequest {
  return {
    host,
    model,
    messages: [{ role: 'user', content: 'Write down eight random words.' }],
    sampling: { temperature: 1, topP: 1, maxTokens: 24 },
    seed,
  };
}

/**
 * Asks three times for 24 tokens: twice with one seed, once with another.
 * @throws ModelError when a call fails.
 */
export async function probe(client: Exchanger, model: string, signal?: AbortSignal): Promise<EndpointReport> {
  const first = await client.exchange(question(client.host, model, 7), signal);
  const again = await client.exchange(question(client.host, model, 7), signal);
  const other = await client.exchange(question(client.host, model, 8), signal);
  const reply = firstReply(first);
  return {
    model,
    sample: (reply.text || reply.reasoning || '').trim().slice(0, 80),
    firstMs: first.firstMs,
    totalMs: reply.ms,
    usage: reply.usage,
    usageReported: first.usageReported,
    streamed: first.streamed,
    seed: judgeSeed(textOf(first), textOf(again), textOf(other)),
    ...defined({ reasoningFrom: first.reasoningFrom }),
  };
}

function judgeSeed(first: string, again: string, other: string): EndpointReport['seed'] {
  if (first !== again) return 'ignored';
  return first === other ? 'unknown' : 'honoured';
}

function textOf(exchange: Exchange): string {
  const reply = firstReply(exchange);
  return `${reply.reasoning ?? ''}\n${reply.text}`;
}
