import { z } from 'zod';
import { Behaviour, Outcome, ReplyOutcome, type SampleOutcome } from '../schemas/index.ts';

const count = z.number().int().nonnegative();

/** Steps between graded candidate answers. */
export const TransitionCounts = z.object({
  'right-right': count,
  'right-wrong': count,
  'wrong-right': count,
  'wrong-wrong': count,
});
export type TransitionCounts = z.infer<typeof TransitionCounts>;

/** A line of `evaluations/<id>/samples.jsonl`: a response without its text. */
export const EvaluatedSample = z.preprocess(
  // Earlier versions stored `truncated` instead of `reply`.
  (line) => (isOldSample(line) ? { reply: line.truncated ? 'truncated' : 'answered', ...line } : line),
  z.object({
    problemId: z.string().min(1),
    /** Number of the sample within its problem, from 0. */
    index: count,
    outcome: Outcome,
    reply: ReplyOutcome,
    /** The server ended it with a `finish_reason` that Longhand does not know. */
    unknownEnd: z.literal(true).optional(),
    /** Normal form of the final answer, equal for votes for the same answer; null without one. */
    answer: z.string().nullable(),
    /** Completion tokens including reasoning. */
    tokens: count,
    /** The server reported no usage. */
    estimated: z.boolean(),
    /** Grade of the first candidate answer; absent if there is none or it is unknown. */
    first: z.enum(['right', 'wrong']).optional(),
    transitions: TransitionCounts.optional(),
    /** Spans of each behaviour. */
    behaviours: z.record(Behaviour, count).optional(),
  }),
);
export type EvaluatedSample = z.infer<typeof EvaluatedSample>;

function isOldSample(line: unknown): line is { truncated: boolean } {
  return typeof line === 'object' && line !== null && 'truncated' in line;
}

/** The scored samples of one problem. */
export interface ProblemSamples {
  problemId: string;
  samples: EvaluatedSample[];
}

/**
 * The outcome for scoring. A sample without an answer is never correct: it is as wrong for a model that writes nothing as for one that writes too much, and
 * the token limit is part of a benchmark.
 */
export function evaluatedOutcome({ outcome, reply }: EvaluatedSample): SampleOutcome {
  return reply === 'answered' ? outcome : reply;
}

/** Whether the sample says nothing about the model: its answer has no verdict, or it is unknown whether it ended. */
function isUngraded(sample: EvaluatedSample): boolean {
  if (!isAnswered(sample)) return sample.unknownEnd === true;
  return sample.outcome !== 'correct' && sample.outcome !== 'incorrect';
}

/** Scored samples by problem, in the order of first appearance. Samples that could not be graded are excluded, and problems without other samples. */
export function byProblem(samples: readonly EvaluatedSample[]): { problems: ProblemSamples[]; ungraded: number } {
  const problems = new Map<string, EvaluatedSample[]>();
  let ungraded = 0;
  for (const sample of samples) {
    if (isUngraded(sample)) {
      ungraded++;
      continue;
    }
    const of = problems.get(sample.problemId);
    if (of) of.push(sample);
    else problems.set(sample.problemId, [sample]);
  }
  return { problems: [...problems].map(([problemId, of]) => ({ problemId, samples: of })), ungraded };
}

export const isCorrect = (sample: EvaluatedSample): boolean => evaluatedOutcome(sample) === 'correct';
export const isAnswered = (sample: EvaluatedSample): boolean => sample.reply === 'answered';
export const isTruncated = (sample: EvaluatedSample): boolean => sample.reply === 'truncated';

/** Sorted as in the plan. Intervals depend on the order, which must not depend on the order of replies. */
export function inOrder(samples: readonly EvaluatedSample[], problemIds: readonly string[]): EvaluatedSample[] {
  const place = new Map(problemIds.map((id, i) => [id, i]));
  const at = ({ problemId }: EvaluatedSample): number => place.get(problemId) ?? problemIds.length;
  return [...samples].sort((a, b) => at(a) - at(b) || a.index - b.index);
}
