import { z } from 'zod';
import { Prices } from './cost.ts';
import { Usage } from './round.ts';

const rate = z.number().nonnegative();

/** What a few small calls found out about a model at an endpoint; `.cache/endpoints.json` keeps it. It never holds a key. */
export const EndpointCheck = z.object({
  host: z.string(),
  model: z.string(),
  checkedAt: z.string(),
  /** The first words that came back. */
  sample: z.string(),
  /** Names that the endpoint lists; absent where it has no list. */
  models: z.array(z.string()).optional(),
  /** Milliseconds to the first piece of text and to the end of a short reply. */
  firstMs: rate,
  totalMs: rate,
  /** Completion tokens a second: of one reply alone, and of several at once together. */
  alone: rate.optional(),
  together: z.object({ inFlight: z.number().int().positive(), perSecond: rate }).optional(),
  streamed: z.boolean(),
  /** The server counts tokens; otherwise counts are estimates. */
  usageReported: z.boolean(),
  /** Several replies to one request. */
  n: z.enum(['honoured', 'not honoured', 'unknown']),
  /** At temperature 1. `honoured`: one seed gave one text twice, and another seed another; `unknown`: all texts were the same. */
  seed: z.enum(['honoured', 'ignored', 'unknown']),
  /** `not held`: taken, or refused, and the reply does not fit. */
  schema: z.enum(['held', 'not held', 'unknown']),
  /** Where the reasoning stood, where there was any. */
  reasoningFrom: z.string().optional(),
  /** Tokens of prompt and reply together, and how that is known. */
  context: z.object({ tokens: z.number().int().positive(), from: z.enum(['model list', 'refusal']) }).optional(),
  prices: Prices.nullable(),
  /** What the check itself took. */
  calls: z.number().int().positive(),
  spent: Usage,
  seconds: rate,
  /** Probes that failed, with the reason. */
  failed: z.array(z.object({ probe: z.string(), reason: z.string() })),
});
export type EndpointCheck = z.infer<typeof EndpointCheck>;
