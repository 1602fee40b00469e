import { seedOf } from '../../core/dialogue/index.ts';
import { messagesAgain } from '../../core/models/json-reply.ts';
import { type CallReply, type CallRequest, formatOutcome, pieceText, replyOutcome } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { CachedClient, PaidCall } from './cached-client.ts';

/** Most tries for a reply that can be used. */
export const MOST_TRIES = 3;

/** How a reply is read: to its value, or to the problem that the next try includes. */
interface ReplyReader<Line, T> {
  read: (text: string) => { value: T } | { problem: string };
  /** Makes the journal line of a paid call. @param attempt from 1 */
  lineOf: (call: PaidCall, attempt: number) => Line;
  /** Of the call, in the log. */
  name: string;
  /** What the seeds of later tries are made of. */
  seed: string;
}

/**
 * A reply that can be used, requested at most three times, each time with the problem of the previous reply. Each try is a call of the journal.
 * @throws ModelError when continuing is useless.
 */
export async function validReply<Line extends PaidCall, T>(
  cached: Pick<CachedClient<Line>, 'call'>,
  request: CallRequest,
  { read, lineOf, name, seed }: ReplyReader<Line, T>,
): Promise<{ value: T } | { reason: string }> {
  let reason = '';
  let asked = request;
  for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
    const paid = await cached.call(asked, (call) => lineOf(call, attempt), name);
    if ('refused' in paid) return { reason: paid.refused.message };
    const ended = replyOutcome(paid.reply);
    // A retry would give the same result.
    if (ended === 'blocked' || ended === 'refused') return { reason: `The reply is ${formatOutcome(ended)}.` };
    const text = pieceText(paid.reply);
    const answer = read(text);
    if ('value' in answer) return answer;
    reason = `${truncation(paid.reply)}${answer.problem}`;
    asked = { ...asked, messages: messagesAgain(asked.messages, text, reason), seed: seedOf(seed, attempt + 1) };
  }
  return { reason };
}

function truncation(reply: CallReply): string {
  return replyOutcome(reply) === 'truncated'
    ? `The answer is truncated after ${plural(reply.usage.completion, 'token')}. `
    : '';
}
