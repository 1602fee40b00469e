import { keepLast } from '../core/keep-last.ts';
import type { GradingPolicy, NoAnswer, ReplyOutcome, Verdict } from '../core/schemas/index.ts';
import { answerText, type EndedReply, replyOutcome } from '../core/schemas/index.ts';
import type { GradingPool } from './pool.ts';

/** What grades: a pool, or a worker in its own thread. */
export type Grader = Pick<GradingPool, 'grade'>;

/** Why a reply can't be graded. */
const DETAIL: Readonly<Record<NoAnswer, string>> = {
  truncated: 'The reply is truncated and has no final answer.',
  blocked: 'The content filter of the provider blocked the reply.',
  refused: 'The model refused to answer.',
  unfinished: 'The reply did not end by itself: an error, an abort or an unknown reason ended it.',
  empty: 'The reply is empty.',
};

/** One object for each policy, for which comparisons are kept. */
const boxedOnly = keepLast((policy: GradingPolicy): GradingPolicy => ({ ...policy, answer: 'boxed' }));

/**
 * Grades a reply by how it ended. A truncated one needs a box, since the last number before the limit is not an answer. A blocked, refused,
 * unfinished or empty one is `unknown`.
 * @throws the signal's reason when it is aborted.
 */
export function gradeReply(
  pool: Grader,
  gold: string,
  reply: EndedReply,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Verdict> {
  return gradeEnded(pool, gold, answerText(reply), replyOutcome(reply), policy, signal);
}

/** As gradeReply, with the text to grade and how its reply ended. */
export async function gradeEnded(
  pool: Grader,
  gold: string,
  text: string,
  ended: ReplyOutcome,
  policy: GradingPolicy,
  signal?: AbortSignal,
): Promise<Verdict> {
  if (ended === 'answered') return pool.grade(gold, text, policy, signal);
  if (ended !== 'truncated') return { outcome: 'unknown', method: 'none', detail: DETAIL[ended] };
  const verdict = await pool.grade(gold, text, boxedOnly(policy), signal);
  const isMissing = verdict.outcome === 'incorrect' && verdict.extracted === undefined;
  return isMissing ? { outcome: 'unknown', method: 'none', detail: DETAIL.truncated } : verdict;
}
