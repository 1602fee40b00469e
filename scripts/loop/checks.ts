// How many replies to held-out problems check themselves, and how often these are right.
import { type EvaluatedSample, evaluatedOutcome } from '../../src/core/evaluation/sample.ts';
import type { SelectionsResult } from '../../src/core/selections/index.ts';
import { evaluatedSamples, evaluationCalls, readEvaluation } from '../../src/store/evaluations.ts';
import { hasRightCheck, mentionsCheck } from './variants.ts';

/** `right`: the final answer is right. */
export interface CheckCount {
  replies: number;
  right: number;
}

/** Replies by their check: none, one with no equality that holds, or one with such an equality. */
export type CheckCounts = Record<'none' | 'failed' | 'held', CheckCount>;

export function countChecks(replies: Iterable<{ text: string; right: boolean }>): CheckCounts {
  const counts: CheckCounts = {
    none: { replies: 0, right: 0 },
    failed: { replies: 0, right: 0 },
    held: { replies: 0, right: 0 },
  };
  for (const { text, right } of replies) {
    const count = counts[!mentionsCheck(text) ? 'none' : hasRightCheck(text) ? 'held' : 'failed'];
    count.replies += 1;
    if (right) count.right += 1;
  }
  return counts;
}

const idOf = ({ problemId, index }: Pick<EvaluatedSample, 'problemId' | 'index'>): string => `${index} ${problemId}`;

/** The replies of all evaluations of a comparison, by set of problems and arm. @param dataset its folder */
export async function checksOf(
  dataset: string,
  { sets }: SelectionsResult,
): Promise<Record<string, Record<string, CheckCounts>>> {
  const bySet: Record<string, Record<string, CheckCounts>> = {};
  for (const { name, arms } of sets) {
    const byArm: Record<string, CheckCounts> = {};
    for (const { arm, seeds } of arms) {
      const replies = await Promise.all(seeds.map(({ evaluation }) => repliesOf(dataset, evaluation)));
      byArm[arm] = countChecks(replies.flat());
    }
    bySet[name] = byArm;
  }
  return bySet;
}

/** The replies of an evaluation. */
export async function repliesOf(dataset: string, evaluation: string): Promise<{ text: string; right: boolean }[]> {
  const { folder } = await readEvaluation(dataset, evaluation);
  const texts = new Map<string, string>();
  for await (const call of evaluationCalls(folder)) texts.set(idOf(call), call.reply.text);
  return (await evaluatedSamples(folder)).map((sample) => ({
    text: texts.get(idOf(sample)) ?? '',
    right: evaluatedOutcome(sample) === 'correct',
  }));
}
