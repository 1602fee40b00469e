import { z } from 'zod';
import { defined } from '../defined.ts';
import { firstWrongStep, type ReviewState, type StepMark } from '../review/index.ts';
import {
  Decision,
  OverrideOutcome,
  type ReviewAct,
  ReviewerName,
  StepLabel,
  type StepPlace,
  Tag,
} from '../schemas/index.ts';
import { compare } from '../text/compare.ts';

/** Problems of an export, as the dataset has them. */
export const PROBLEMS_FILE = 'problems.jsonl';

/** Reviews of an export: one line for each chain and reviewer. */
export const REVIEWS_FILE = 'reviews.jsonl';

const offset = z.number().int().nonnegative();

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
  /** Labels of the steps of the row's text; absent without any. Offsets as those of spans in the row. `implied`: as in StepMark. */
  steps: z
    .array(
      z.object({
        part: z.enum(['reasoning', 'content']).optional(),
        ...{ start: offset, end: offset, label: StepLabel, implied: z.literal(true).optional() },
      }),
    )
    .optional(),
});
export type ReviewRow = z.infer<typeof ReviewRow>;

/** The review of a chain by one reviewer. Offsets of steps are code units of the exported text. */
export type ChainReview = Omit<ReviewRow, 'id' | 'steps'> & { steps?: readonly StepMark[] };

/** @param acts Of the reviewer, at least one. @param text The exported one. Labels of steps of another text are not exported. */
export function chainReview(
  reviewer: string,
  state: ReviewState,
  acts: readonly ReviewAct[],
  text: string,
): ChainReview {
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
    ...defined({ steps: state.text === text ? state.steps : undefined }),
  };
}

/**
 * Acts that repeat a review on a chain that already has the text and spans of the row, with its id.
 * @param steps The reviewer's labels, in code units of the chain's text. @param text This text.
 */
export function actsOfReview(
  review: Omit<ReviewRow, 'steps'>,
  steps: readonly StepMark[] = [],
  text = '',
): ReviewAct[] {
  const { id: chainId, reviewer, decision, at, outcome, note } = review;
  const act = (name: string) => ({ id: `${chainId}:${reviewer}:${name}`, at, reviewer, chainId });
  const reason = defined({ reason: review.reason ?? undefined });
  // A published set has no reasons unless its reviews are published.
  const why = review.outcome_reason?.trim() ? review.outcome_reason : 'imported';
  return [
    ...(outcome === null ? [] : [{ ...act('override'), act: 'override' as const, outcome, reason: why }]),
    ...(note === null ? [] : [{ ...act('note'), act: 'note' as const, text: note }]),
    ...review.tags.map((tag) => ({ ...act(`tag ${tag}`), act: 'tag' as const, tag })),
    ...stepActs(steps, text).map((payload, at) => ({ ...act(`label:${at + 1}`), ...payload })),
    ...(decision === 'accepted' ? [{ ...act('accept'), act: 'accept' as const, ...reason }] : []),
    ...(decision === 'rejected' ? [{ ...act('reject'), act: 'reject' as const, ...reason }] : []),
    ...(decision === 'skipped' ? [{ ...act('skip'), act: 'skip' as const, ...reason }] : []),
  ];
}

/** Acts that label steps. Labels that a first wrong step implies, or that no step is wrong, are made by the act that says so. */
function stepActs(steps: readonly StepMark[], text: string) {
  const wrong = steps.some(({ implied }) => implied === true)
    ? (firstWrongStep(steps) ?? ('none' as const))
    : undefined;
  const own = steps.filter(
    ({ start, implied }) => implied !== true && !(typeof wrong === 'object' && wrong.start === start),
  );
  return [
    ...own.map(({ start, end, label }) => ({ act: 'step' as const, start, end, label })),
    ...(wrong === undefined
      ? []
      : [
          { act: 'first-wrong-step' as const, place: wrong },
          ...gaps(steps, text.slice(0, wrong === 'none' ? text.length : wrong.start)).map((gap) => {
            return { act: 'step' as const, ...gap, label: null };
          }),
        ]),
  ];
}

/** Where a text has no label, except for white space: there, none is implied. */
function gaps(steps: readonly StepMark[], text: string): StepPlace[] {
  const found: StepPlace[] = [];
  let start = 0;
  for (const step of [...steps.filter((one) => one.start < text.length), { start: text.length, end: text.length }]) {
    if (text.slice(start, step.start).trim() !== '') found.push({ start, end: step.start });
    start = step.end;
  }
  return found;
}
