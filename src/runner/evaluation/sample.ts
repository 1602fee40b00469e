import { classifierSpans } from '../../core/behaviours/annotate.ts';
import { findCandidates, transitions } from '../../core/behaviours/index.ts';
import type { EvaluatedSample, EvaluationPlan } from '../../core/evaluation/index.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type CallReply,
  hasUnknownEnd,
  type Problem,
  replyOutcome,
} from '../../core/schemas/index.ts';
import { candidateOutcomes } from '../../grading/candidates.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { responseText } from '../sampling/chain.ts';
import { gradeResponse } from '../sampling/response-call.ts';

/**
 * What an evaluation keeps of one reply: its grade, its length, and what happens in its text. Behaviours are those that the offline detectors mark
 * (docs/design/behaviours.md). Rejects with the signal's reason when it is aborted.
 */
export async function evaluatedSample(
  { pool, grading, signal }: { pool: GradingPool; grading: EvaluationPlan['grading']; signal: AbortSignal },
  problem: Problem,
  index: number,
  reply: CallReply,
): Promise<EvaluatedSample> {
  const verdict = await gradeResponse(pool, grading, problem, reply, signal);
  const text = responseText(reply);
  const candidates = findCandidates(text, { problem: problem.problem, gold: problem.answer });
  const values = candidates.map(({ answer }) => answer);
  const outcomes = await candidateOutcomes(pool, values, problem.answer, grading, signal);
  const graded = candidates.map((candidate) => ({ ...candidate, outcome: outcomes[candidate.answer] }));
  const first = graded[0]?.outcome;
  const steps: NonNullable<EvaluatedSample['transitions']> = {
    'right-right': 0,
    'right-wrong': 0,
    'wrong-right': 0,
    'wrong-wrong': 0,
  };
  for (const { kind } of transitions(graded)) steps[kind]++;
  const spans = classifierSpans(text, { problem: problem.problem });
  const behaviours = Object.fromEntries(
    BEHAVIOURS.map((kind) => [kind, spans.filter((span) => span.kind === kind).length]),
  ) as Record<Behaviour, number>;
  return {
    problemId: problem.id,
    index,
    outcome: verdict.outcome,
    reply: replyOutcome(reply),
    ...(hasUnknownEnd(reply) ? { unknownEnd: true as const } : {}),
    answer: verdict.prediction ?? null,
    tokens: reply.usage.completion,
    estimated: reply.usage.estimated,
    ...(first === 'correct' ? { first: 'right' as const } : first === 'incorrect' ? { first: 'wrong' as const } : {}),
    transitions: steps,
    behaviours,
  };
}
