import { z } from 'zod';
import type { CallRequest, EndpointCheck } from '../core/model/index.ts';
import { probe } from './check.ts';
import type { ModelClient } from './client.ts';
import { cancelled, ModelError } from './errors.ts';
import { type Exchange, firstReply } from './wire.ts';

/** Tokens that a reply of the rate probes may have, and how many are asked for at once. */
const RATE_TOKENS = 64;
const IN_FLIGHT = 4;
const SCHEMA_TOKENS = 512;
/** More than any model's context. */
const TOO_MANY_TOKENS = 100_000_000;
/** A probe that takes longer says nothing. */
const PROBE_MS = 60_000;

type Client = Pick<ModelClient, 'host' | 'chatMany' | 'modelEntries'>;
type Facts = Omit<EndpointCheck, 'checkedAt' | 'prices' | 'spent' | 'calls' | 'seconds' | 'failed'>;

export interface CheckContext {
  signal: AbortSignal;
  /** Told before each probe: how many are done, of how many. */
  onProbe: (done: number, total: number, name: string) => void;
}

/**
 * Finds out what a model at an endpoint can do: about a dozen calls, each bounded in tokens and time. Prices are the caller's to know.
 * @throws ModelError when the first calls, which all else builds on, fail.
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
    ...(first.reasoningFrom === undefined ? {} : { reasoningFrom: first.reasoningFrom }),
  };
  const failed: EndpointCheck['failed'] = [];
  for (const [done, { name, run, needless }] of PROBES.entries()) {
    context.onProbe(done + 1, PROBES.length + 1, name);
    if (needless?.(facts)) continue;
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
  /** What it would find is known already. */
  needless?: (facts: Facts) => boolean;
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
      return { models, ...(tokens === undefined ? {} : { context: { tokens, from: 'model list' } }) };
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
    name: 'rate of several at once',
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
      // The words do not name the property: only a server that heeds the schema can know it.
      const question = 'What is 7 + 8? Reply with one JSON object.';
      const { text, finish } = firstReply(
        await spender.exchange({ ...ask(question, 30, SCHEMA_TOKENS), schema }, signal),
      );
      if (finish === 'length') return { schema: 'unknown' };
      return { schema: fits(text) ? 'held' : 'not held' };
    },
  },
  { name: 'context length', needless: ({ context }) => context !== undefined, run: contextByRefusal },
];

/** A server that measures a request against its context says how long that is; one that begins to answer is stopped at once. */
async function contextByRefusal({ spender, ask, signal }: ProbeContext): Promise<Partial<Facts>> {
  const stop = new AbortController();
  try {
    const request = ask('Reply with: OK', 40, TOO_MANY_TOKENS);
    await spender.chatMany(request, 1, AbortSignal.any([signal, stop.signal]), () => stop.abort());
  } catch (error) {
    if (stop.signal.aborted) return {};
    if (!(error instanceof ModelError) || error.kind !== 'bad-request') throw error;
    const tokens = contextInWords(error.message);
    return tokens === undefined ? {} : { context: { tokens, from: 'refusal' } };
  }
  return {};
}

/** Names under which servers list the tokens of a model's context, the most telling first. */
const CONTEXT_FIELDS = ['max_model_len', 'context_length', 'context_window', 'max_context_length', 'max_input_tokens'];

/** Tokens of the context by an entry of /models; undefined where it does not say. */
export function contextOfEntry(entry: Readonly<Record<string, unknown>> | undefined): number | undefined {
  // llama.cpp's server has it among what it tells of the model.
  const { n_ctx } = z.object({ n_ctx: z.unknown() }).catch({ n_ctx: undefined }).parse(entry?.meta);
  const values = [...CONTEXT_FIELDS.map((name) => entry?.[name]), n_ctx];
  return values.find((value): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0);
}

/** Tokens of the context by the words of a refusal, such as “maximum context length is 4096 tokens”. */
export function contextInWords(words: string): number | undefined {
  const found =
    /(?:context(?: ?(?:length|window|size))?|max_model_len)(?: of| is|:|=)?[^\d.]{0,20}(\d[\d,]{2,})(?: tokens)?/i.exec(
      words,
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

/** Counts what the probes take. */
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
