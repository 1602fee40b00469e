import { z } from 'zod';

/**
 * How a reply ended. Only an `answered` reply counts as an answer.
 * `truncated`: the token limit ended it. `blocked`: the provider's content filter withheld it. `refused`: the model declined. `unfinished`: an error,
 * an abort or a tool call ended it, or a reason that is unknown here. `empty`: it has no text.
 */
export const ReplyOutcome = z.enum(['answered', 'truncated', 'blocked', 'refused', 'unfinished', 'empty']);
export type ReplyOutcome = z.infer<typeof ReplyOutcome>;

/** Outcomes of replies without an answer. */
export const NoAnswer = ReplyOutcome.exclude(['answered']);
export type NoAnswer = z.infer<typeof NoAnswer>;

const count = z.number().int().nonnegative();
export const ReplyCounts = z.object({
  answered: count,
  truncated: count,
  blocked: count,
  refused: count,
  /** Absent in files of earlier versions, which counted these as answered. */
  unfinished: count.default(0),
  empty: count,
});
export type ReplyCounts = z.infer<typeof ReplyCounts>;

/** Prompts whose replies are counted separately, because each has its own token limit. */
export const ReplyKind = z.enum(['answer', 'check', 'summary', 'response']);
export const RepliesByKind = z.partialRecord(ReplyKind, ReplyCounts);
export type RepliesByKind = z.infer<typeof RepliesByKind>;
