import { z } from 'zod';
import { defined } from '../defined.ts';
import type { ReviewState } from '../review/index.ts';
import { Decision, OverrideOutcome, type ReviewAct, ReviewerName, Tag } from '../schemas/index.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Problems of an export, as the dataset has them. */
export const PROBLEMS_FILE = 'problems.jsonl';

/** Reviews of an export: one line for each chain and reviewer. */
export const REVIEWS_FILE = 'reviews.jsonl';

/** The review of a chain by one reviewer. Its text and spans are in the rows of the chain. */
export const ReviewRow = z.object({
  /** Of the row. */
  id: z.string().min(1),
  reviewer: ReviewerName,
  decision: Decision,
  /** Why the chain was accepted, rejected or skipped. */
  reason: z.string().nullable(),
  /** Time of the last act. */
  at: z.string(),
  /** The reviewer changed the text. */
  edited: z.boolean(),
  /** The reviewer's outcome of the final answer, with the reason. */
  outcome: OverrideOutcome.nullable(),
  outcome_reason: z.string().nullable(),
  note: z.string().nullable(),
  tags: z.array(Tag),
});
export type ReviewRow = z.infer<typeof ReviewRow>;

/** The review of a chain by one reviewer, without the id of its row. @param acts Of the reviewer, at least one. */
export function reviewRow(reviewer: string, state: ReviewState, acts: readonly ReviewAct[]): Omit<ReviewRow, 'id'> {
  const { decision, reason, edited, override, note, tags } = state;
  return {
    reviewer,
    decision,
    reason: reason ?? null,
    at:
      acts
        .map(({ at }) => at)
        .sort(compare)
        .at(-1) ?? '',
    edited,
    outcome: override?.outcome ?? null,
    outcome_reason: override?.reason ?? null,
    note: note ?? null,
    tags: [...(tags ?? [])],
  };
}

/** Acts that repeat a review on a chain that already has the text and spans of the row, with its id. */
export function actsOfReview(review: ReviewRow): ReviewAct[] {
  const { id: chainId, reviewer, decision, at, outcome, note } = review;
  const act = (name: string) => ({ id: `${chainId}:${reviewer}:${name}`, at, reviewer, chainId });
  const reason = defined({ reason: review.reason ?? undefined });
  return [
    ...(outcome === null
      ? []
      : [{ ...act('override'), act: 'override' as const, outcome, reason: review.outcome_reason ?? 'imported' }]),
    ...(note === null ? [] : [{ ...act('note'), act: 'note' as const, text: note }]),
    ...review.tags.map((tag) => ({ ...act(`tag ${tag}`), act: 'tag' as const, tag })),
    ...(decision === 'accepted' ? [{ ...act('accept'), act: 'accept' as const, ...reason }] : []),
    ...(decision === 'rejected' ? [{ ...act('reject'), act: 'reject' as const, ...reason }] : []),
    ...(decision === 'skipped' ? [{ ...act('skip'), act: 'skip' as const, ...reason }] : []),
  ];
}
