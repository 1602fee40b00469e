import { z } from 'zod';
import { Prices } from './cost.ts';
import { Usage } from './round.ts';

const rate = z.number().nonnegative();

/** Measured facts about a model at an endpoint, stored in `.cache/endpoints.json`. Never contains a key. */
export const EndpointCheck = z.object({
  host: z.string(),
  model: z.string(),
  checkedAt: z.string(),
  /** The start of a reply. */
  sample: z.string(),
  /** Names that the endpoint lists, if it does. */
  models: z.array(z.string()).optional(),
  /** Milliseconds to the first piece of text and to the end of a short reply. */
  firstMs: rate,
  totalMs: rate,
  /** Completion tokens per second: of one reply alone, and of several in parallel. */
  alone: rate.optional(),
  together: z.object({ inFlight: z.number().int().positive(), perSecond: rate }).optional(),
  streamed: z.boolean(),
  /** The server counts tokens; else counts are estimated. */
  usageReported: z.boolean(),
  /** Several replies to one request. */
  n: z.enum(['honoured', 'not honoured', 'unknown']),
  /** At temperature 1. `honoured`: one seed gave one text twice, and another seed another text; `unknown`: all texts were the same. */
  seed: z.enum(['honoured', 'ignored', 'unknown']),
  /** `not held`: accepted or refused, and the reply does not fit. */
  schema: z.enum(['held', 'not held', 'unknown']),
  /** The source of the reasoning, if any. */
  reasoningFrom: z.string().optional(),
  /** Maximum tokens of prompt and reply together, and how they were found. */
  context: z.object({ tokens: z.number().int().positive(), from: z.enum(['model list', 'refusal']) }).optional(),
  prices: Prices.nullable(),
  /** Use of the check itself. */
  calls: z.number().int().positive(),
  spent: Usage,
  seconds: rate,
  /** Failed probes with the reason. */
  failed: z.array(z.object({ probe: z.string(), reason: z.string() })),
});
export type EndpointCheck = z.infer<typeof EndpointCheck>;
