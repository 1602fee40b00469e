import { z } from 'zod';
import { Behaviour, Outcome } from '../model/index.ts';

const count = z.number().int().nonnegative();

/** How often reflection moved from one candidate answer to another, by what grading says of both. */
export const TransitionCounts = z.object({
  'right-right': count,
  'right-wrong': count,
  'wrong-right': count,
  'wrong-wrong': count,
});
export type TransitionCounts = z.infer<typeof TransitionCounts>;

/** What an evaluation keeps of one response beside its text. A line of `evaluations/<id>/samples.jsonl`. */
export const EvaluatedSample = z.object({
  problemId: z.string().min(1),
  /** Which sample of the problem, from 0. */
  index: count,
  outcome: Outcome,
  /** The server stopped it at the token limit: it has no final answer, which is not the same as a wrong one. */
  truncated: z.boolean(),
  /** Votes for one answer have the same text here: the normal form of the final answer; null without one. */
  answer: z.string().nullable(),
  /** Completion tokens, the reasoning included. */
  tokens: count,
  /** The server reported no usage. */
  estimated: z.boolean(),
  /** What grading says of the first candidate answer in the text; absent where there is none or it could not be told. */
  first: z.enum(['right', 'wrong']).optional(),
  transitions: TransitionCounts.optional(),
  /** Episodes of each behaviour, as the detectors mark them. */
  behaviours: z.record(Behaviour, count).optional(),
});
export type EvaluatedSample = z.infer<typeof EvaluatedSample>;

/** The samples of one problem that say something of the model. */
export interface ProblemSamples {
  problemId: string;
  samples: EvaluatedSample[];
}

/**
 * Samples by problem, in the order in which problems come first, without those that speak of the grader (`unknown`, `timeout`, `error`) unless
 * they are truncated. A problem of which nothing is left is left out.
 */
export function byProblem(samples: readonly EvaluatedSample[]): { problems: ProblemSamples[]; ungraded: number } {
  const problems = new Map<string, EvaluatedSample[]>();
  let ungraded = 0;
  for (const sample of samples) {
    if (!sample.truncated && sample.outcome !== 'correct' && sample.outcome !== 'incorrect') {
      ungraded++;
      continue;
    }
    const of = problems.get(sample.problemId);
    if (of) of.push(sample);
    else problems.set(sample.problemId, [sample]);
  }
  return { problems: [...problems].map(([problemId, of]) => ({ problemId, samples: of })), ungraded };
}

/** A truncated response solves nothing, whatever stands in it. */
export const isCorrect = (sample: EvaluatedSample): boolean => !sample.truncated && sample.outcome === 'correct';

/** By problem and number, as the plan has them: intervals are drawn by place, so that a resume and another order of replies give the same ones. */
export function inOrder(samples: readonly EvaluatedSample[], problemIds: readonly string[]): EvaluatedSample[] {
  const place = new Map(problemIds.map((id, i) => [id, i]));
  const at = ({ problemId }: EvaluatedSample): number => place.get(problemId) ?? problemIds.length;
  return [...samples].sort((a, b) => at(a) - at(b) || a.index - b.index);
}
