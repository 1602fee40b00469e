import { compare } from '../text/compare.ts';
import type { TriageSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** A problem of a finished round. */
export interface TriageProblem {
  tally: Tally;
  /** The policy has finished it; false if the budget ended it. */
  finished: boolean;
  /** Normal form of every graded answer (`Verdict.prediction`); undefined for a sample without an answer. */
  answers: readonly (string | undefined)[];
}

/** A problem whose gold answer or grading is probably wrong. */
export interface SuspectGold {
  problemId: string;
  /** Answers by normal form, the most frequent first. */
  vote: { answer: string; count: number }[];
  /** Share of the most frequent answer among all answers. */
  share: number;
  /** Samples with an answer. */
  answers: number;
}

/** Triage of method.md, stage 2: finished problems without a success whose samples agree on another answer, the most certain first. */
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
