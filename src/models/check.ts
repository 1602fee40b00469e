import type { CallRequest, Usage } from '../core/model/index.ts';
import type { ReasoningFrom } from './reasoning.ts';
import { type Exchange, firstReply } from './wire.ts';

/** What a test call found out about an endpoint and a model. */
export interface EndpointReport {
  model: string;
  /** The first words that came back. */
  sample: string;
  /** Milliseconds to the first piece of text, and to the end, of the first call. */
  firstMs: number;
  totalMs: number;
  usage: Usage;
  /** The server counts tokens; otherwise counts are estimates. */
  usageReported: boolean;
  streamed: boolean;
  /**
   * `honoured`: the same seed gave the same text and another seed another; `ignored`: the same seed gave different texts;
   * `unknown`: the texts were all the same, so nothing can be said.
   */
  seed: 'honoured' | 'ignored' | 'unknown';
  /** Where the reasoning of the reply stood; absent when there was none. */
  reasoningFrom?: ReasoningFrom;
}

interface Exchanger {
  readonly host: string;
  exchange(request: CallRequest, signal?: AbortSignal): Promise<Exchange>;
}

/** High temperature and an open question: a model that samples freely hardly ever writes the same 24 tokens twice. */
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
    seed: judgeSeed(written(first), written(again), written(other)),
    ...(first.reasoningFrom === undefined ? {} : { reasoningFrom: first.reasoningFrom }),
  };
}

function judgeSeed(first: string, again: string, other: string): EndpointReport['seed'] {
  if (first !== again) return 'ignored';
  return first === other ? 'unknown' : 'honoured';
}

function written(exchange: Exchange): string {
  const reply = firstReply(exchange);
  return `${reply.reasoning ?? ''}\n${reply.text}`;
}
