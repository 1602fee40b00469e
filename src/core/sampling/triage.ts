import { compare } from '../export/select.ts';
import type { TriageSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** A problem of a finished round. */
export interface TriageProblem {
  tally: Tally;
  /** The policy has nothing more to ask for: it wasn't the budget that ended it. */
  finished: boolean;
  /** Normal form of every graded answer (`Verdict.prediction`); undefined where a sample had no answer. */
  answers: readonly (string | undefined)[];
}

/** A problem whose gold answer, or its grading, is more likely wrong than its samples. */
export interface SuspectGold {
  problemId: string;
  /** Answers by normal form, the most frequent first. */
  vote: { answer: string; count: number }[];
  /** Of the most frequent answer, among those that gave one. */
  share: number;
  /** Samples that gave an answer. */
  answers: number;
}

/**
 * Triage of method.md, stage 2: a problem that nothing solved although everything was tried, and whose samples agree on another
 * answer, goes to the review queue as `suspect-gold`. Out: the surest first.
 */
export function suspectGold(problems: readonly TriageProblem[], settings: TriageSettings): SuspectGold[] {
  return problems
    .filter(({ tally, finished }) => finished && tally.successes === 0)
    .map(({ tally, answers }) => voteOf(tally.problemId, answers))
    .filter(({ answers, share }) => answers >= settings.leastAnswers && share >= settings.leastShare)
    .sort(
      (one, other) => other.share - one.share || other.answers - one.answers || compare(one.problemId, other.problemId),
    );
}

function voteOf(problemId: string, given: TriageProblem['answers']): SuspectGold {
  const counts = new Map<string, number>();
  for (const answer of given)
    if (answer !== undefined && answer !== '') counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const vote = [...counts]
    .map(([answer, count]) => ({ answer, count }))
    .sort((one, other) => other.count - one.count || compare(one.answer, other.answer));
  const answers = vote.reduce((sum, { count }) => sum + count, 0);
  return { problemId, vote, share: answers === 0 ? 0 : (vote[0]?.count ?? 0) / answers, answers };
}
