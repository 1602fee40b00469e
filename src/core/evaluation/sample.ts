import { z } from 'zod';
import { Behaviour, isNoAnswer, Outcome, ReplyOutcome, type SampleOutcome } from '../schemas/index.ts';

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

/** The outcome for scoring. A truncated sample is never correct, because the token limit is part of a benchmark. */
export function evaluatedOutcome({ outcome, reply }: EvaluatedSample): SampleOutcome {
  return reply === 'answered' ? outcome : reply;
}

/** Samples that are excluded from all scores: not graded, or not a real reply. */
export const LeftOut = z.object({ ungraded: count, blocked: count, refused: count, unfinished: count, empty: count });
export type LeftOut = z.infer<typeof LeftOut>;

/** Scored samples by problem, in the order of first appearance. Problems without scored samples are excluded. */
export function byProblem(samples: readonly EvaluatedSample[]): { problems: ProblemSamples[]; leftOut: LeftOut } {
  const problems = new Map<string, EvaluatedSample[]>();
  const leftOut: LeftOut = { ungraded: 0, blocked: 0, refused: 0, unfinished: 0, empty: 0 };
  for (const sample of samples) {
    const outcome = evaluatedOutcome(sample);
    if (outcome !== 'correct' && outcome !== 'incorrect' && outcome !== 'truncated') {
      leftOut[isNoAnswer(outcome) ? outcome : 'ungraded']++;
      continue;
    }
    const of = problems.get(sample.problemId);
    if (of) of.push(sample);
    else problems.set(sample.problemId, [sample]);
  }
  return { problems: [...problems].map(([problemId, of]) => ({ problemId, samples: of })), leftOut };
}

export const isCorrect = (sample: EvaluatedSample): boolean => evaluatedOutcome(sample) === 'correct';
export const isTruncated = (sample: EvaluatedSample): boolean => sample.reply === 'truncated';

/** Sorted as in the plan. Intervals depend on the order, which must not depend on the order of replies. */
export function inOrder(samples: readonly EvaluatedSample[], problemIds: readonly string[]): EvaluatedSample[] {
  const place = new Map(problemIds.map((id, i) => [id, i]));
  const at = ({ problemId }: EvaluatedSample): number => place.get(problemId) ?? problemIds.length;
  return [...samples].sort((a, b) => at(a) - at(b) || a.index - b.index);
}
