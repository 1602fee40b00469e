import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { type CallRequest, type EndpointCheck, finishOutcome } from '../core/schemas/index.ts';
import { probe } from './check.ts';
import type { ModelClient } from './client.ts';
import { cancelled, ModelError } from './errors.ts';
import { type Exchange, firstReply } from './wire.ts';

/** Tokens per reply of the rate probes, and concurrent requests. */
const RATE_TOKENS = 64;
const IN_FLIGHT = 4;
const SCHEMA_TOKENS = 512;
/** More than any model's context. */
const TOO_MANY_TOKENS = 100_000_000;
/** Time limit of a probe. */
const PROBE_MS = 60_000;

type Client = Pick<ModelClient, 'host' | 'chatMany' | 'modelEntries'>;
type Facts = Omit<EndpointCheck, 'checkedAt' | 'prices' | 'spent' | 'calls' | 'seconds' | 'failed'>;

export interface CheckContext {
  signal: AbortSignal;
  /** Called before each probe with the number done and the total. */
  onProbe: (done: number, total: number, name: string) => void;
}

/**
 * Finds out what a model at an endpoint can do with about a dozen calls, each limited in tokens and time.
 * @throws ModelError when the first calls fail.
 */
export async function checkEndpoint(
  client: Client,
  model: string,
  context: CheckContext,
): Promise<Omit<EndpointCheck, 'prices'>> {
  const startedAt = performance.now();
  const spender = new Spender(client);
  const ask = (content: string, seed: number, maxTokens: number): CallRequest => ({
    host: client.host,
    model,
    messages: [{ role: 'user', content }],
    sampling: { temperature: 1, topP: 1, maxTokens },
    seed,
  });
  context.onProbe(0, PROBES.length + 1, 'reply and seed');
  const first = await probe(spender, model, context.signal);
  const facts: Facts = {
    host: client.host,
    model,
    sample: first.sample,
    firstMs: first.firstMs,
    totalMs: first.totalMs,
    streamed: first.streamed,
    usageReported: first.usageReported,
    seed: first.seed,
    n: 'unknown',
    schema: 'unknown',
    ...defined({ reasoningFrom: first.reasoningFrom }),
  };
  const failed: EndpointCheck['failed'] = [];
  for (const [done, { name, run, isKnown }] of PROBES.entries()) {
    context.onProbe(done + 1, PROBES.length + 1, name);
    if (isKnown?.(facts)) continue;
    const limit = AbortSignal.timeout(PROBE_MS);
    try {
      Object.assign(facts, await run({ spender, client, ask, signal: AbortSignal.any([context.signal, limit]) }));
    } catch (error) {
      if (context.signal.aborted) throw cancelled();
      if (!(error instanceof ModelError)) throw error;
      failed.push({ probe: name, reason: limit.aborted ? `no answer in ${PROBE_MS / 1000} s` : error.message });
    }
  }
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { ...facts, checkedAt: new Date().toISOString(), calls: spender.calls, spent: spender.spent, seconds, failed };
}

interface ProbeContext {
  spender: Spender;
  client: Client;
  ask: (content: string, seed: number, maxTokens: number) => CallRequest;
  signal: AbortSignal;
}

interface Probe {
  name: string;
  /** Whether the result is already known. */
  isKnown?: (facts: Facts) => boolean;
  run: (context: ProbeContext) => Promise<Partial<Facts>>;
}

const LONG = 'Count upwards from one in words, separated by commas. Do not stop.';

const PROBES: readonly Probe[] = [
  {
    name: 'model list',
    run: async ({ client, ask, signal }) => {
      const entries = await client.modelEntries(signal);
      const models = entries.map(({ id }) => id);
      const tokens = contextOfEntry(entries.find(({ id }) => id === ask('', 0, 1).model));
      return { models, ...(tokens !== undefined && { context: { tokens, from: 'model list' } }) };
    },
  },
  {
    name: 'several replies to one request',
    run: async ({ spender, ask, signal }) => {
      const { replies } = await spender.chatMany(ask('Write down eight random words.', 9, 24), 2, signal);
      return { n: replies.length === 2 ? 'honoured' : 'not honoured' };
    },
  },
  {
    name: 'rate alone',
    run: async ({ spender, ask, signal }) => {
      const { usage, ms } = firstReply(await spender.exchange(ask(LONG, 10, RATE_TOKENS), signal));
      return { alone: perSecond(usage.completion, ms) };
    },
  },
  {
    name: 'rate of several in parallel',
    run: async ({ spender, ask, signal }) => {
      const startedAt = performance.now();
      const calls = Array.from({ length: IN_FLIGHT }, (_, i) =>
        spender.exchange(ask(LONG, 20 + i, RATE_TOKENS), signal),
      );
      const settled = await Promise.allSettled(calls);
      const refused = settled.find((one) => one.status === 'rejected');
      if (refused) throw refused.reason;
      const replies = settled.flatMap((one) => (one.status === 'fulfilled' ? [firstReply(one.value)] : []));
      const tokens = replies.reduce((sum, { usage }) => sum + usage.completion, 0);
      return { together: { inFlight: IN_FLIGHT, perSecond: perSecond(tokens, performance.now() - startedAt) } };
    },
  },
  {
    name: 'JSON schema',
    run: async ({ spender, ask, signal }) => {
      const answer = { type: 'integer' };
      const schema = { type: 'object', properties: { answer }, required: ['answer'], additionalProperties: false };
      // The question does not name the property, so only a server that uses the schema can know it.
      const question = 'What is 7 + 8? Reply with one JSON object.';
      const { text, finish } = firstReply(
        await spender.exchange({ ...ask(question, 30, SCHEMA_TOKENS), schema }, signal),
      );
      if (finishOutcome(finish) !== 'answered') return { schema: 'unknown' };
      return { schema: fits(text) ? 'held' : 'not held' };
    },
  },
  { name: 'context length', isKnown: ({ context }) => context !== undefined, run: contextByRefusal },
];

/** A server that checks a request against its context reports the context length; one that begins to answer is stopped. */
async function contextByRefusal({ spender, ask, signal }: ProbeContext): Promise<Partial<Facts>> {
  const stop = new AbortController();
  try {
    const request = ask('Reply with: OK', 40, TOO_MANY_TOKENS);
    await spender.chatMany(request, 1, AbortSignal.any([signal, stop.signal]), () => stop.abort());
  } catch (error) {
    if (stop.signal.aborted) return {};
    if (!(error instanceof ModelError) || error.kind !== 'bad-request') throw error;
    const tokens = parseContextLength(error.message);
    return tokens === undefined ? {} : { context: { tokens, from: 'refusal' } };
  }
  return {};
}

/** Names of a model's context length in model lists, the most specific first. */
const CONTEXT_FIELDS = ['max_model_len', 'context_length', 'context_window', 'max_context_length', 'max_input_tokens'];

/** The context length in tokens by an entry of /models, if it is there. */
export function contextOfEntry(entry: Readonly<Record<string, unknown>> | undefined): number | undefined {
  // llama.cpp's server lists it in `meta`.
  const { n_ctx } = z.object({ n_ctx: z.unknown() }).catch({ n_ctx: undefined }).parse(entry?.meta);
  const values = [...CONTEXT_FIELDS.map((name) => entry?.[name]), n_ctx];
  return values.find((value): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0);
}

/** The context length in tokens from a refusal such as “maximum context length is 4096 tokens”. */
export function parseContextLength(message: string): number | undefined {
  const found =
    /(?:context(?: ?(?:length|window|size))?|max_model_len)(?: of| is|:|=)?[^\d.]{0,20}(\d[\d,]{2,})(?: tokens)?/i.exec(
      message,
    );
  const tokens = Number((found?.[1] ?? '').replaceAll(',', ''));
  return tokens > 0 && tokens < TOO_MANY_TOKENS ? tokens : undefined;
}

function fits(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'answer' in value && Number.isInteger(value.answer);
  } catch {
    return false;
  }
}

const perSecond = (tokens: number, ms: number): number => Math.round((10_000 * tokens) / Math.max(1, ms)) / 10;

/** Counts the calls and tokens of the probes. */
class Spender {
  readonly host: string;
  readonly #client: Client;
  readonly spent = { prompt: 0, completion: 0, estimated: false };
  calls = 0;

  constructor(client: Client) {
    this.host = client.host;
    this.#client = client;
  }

  exchange(request: CallRequest, signal?: AbortSignal): Promise<Exchange> {
    return this.chatMany(request, 1, signal);
  }

  async chatMany(request: CallRequest, n: number, signal?: AbortSignal, onPart?: () => void): Promise<Exchange> {
    this.calls++;
    const exchange = await this.#client.chatMany(request, n, signal, onPart);
    for (const { reply } of exchange.replies) {
      this.spent.prompt += reply.usage.prompt;
      this.spent.completion += reply.usage.completion;
    }
    this.spent.estimated ||= !exchange.usageReported;
    return exchange;
  }
}
