import { defined } from '../defined.ts';
import { combineSteps, foldActs, type Override, type ReviewState, type StepMark } from '../review/index.ts';
import type { Chain, Decision, OverrideOutcome, ReviewAct, Segment, Span } from '../schemas/index.ts';
import { compare } from '../text/compare.ts';
import { type ChainReview, chainReview } from './reviews.ts';
import { VERDICT_FILTERS } from './warnings.ts';

export type Selection = 'accepted' | 'passed' | 'all';

/** Input of the selection. */
export interface Selectable {
  passed: boolean;
  /** Ids of the failed filters. */
  failed: readonly string[];
  quotaDropped: boolean;
}

/** Whether a chain belongs into an export; `decision` and `override` are those of all reviewers together. */
export function isSelected(
  chain: Selectable,
  decision: Decision,
  override: OverrideOutcome | undefined,
  select: Selection,
): boolean {
  if (select === 'all') return true;
  if (select === 'accepted') return decision === 'accepted';
  const passes =
    override === undefined
      ? chain.passed
      : override === 'correct' && chain.failed.every((filter) => VERDICT_FILTERS.has(filter));
  return passes && !chain.quotaDropped && decision !== 'rejected';
}

/** A chain after all reviews. */
export interface ReviewedText {
  decision: Decision;
  /** The chain's own text, or that of the reviewer who accepted it last. With `labels`, a text that has labels of steps. */
  text: string;
  segments: Segment[];
  spans: Span[];
  /** The labels of steps, of all reviewers of this text. */
  steps: StepMark[];
  acceptedBy: string[];
  /** Whose text this is; absent for the chain's own. */
  editedBy?: string;
  /** Reviewers' outcomes of the final answer, sorted by reviewer. */
  overrides: (Override & { reviewer: string })[];
  /** Of all reviewers, each once, sorted. */
  tags: string[];
  /** Time of the latest act; absent without one. */
  at?: string;
  /** What each reviewer decided, sorted by reviewer. */
  reviews: ChainReview[];
}

/** The text with all of it trained on. */
export const withoutMask = (review: ReviewedText): ReviewedText => ({
  ...review,
  segments: review.segments.map((segment) => ({ ...segment, train: true })),
});

/**
 * Applies the acts of each reviewer to this chain, in file order.
 * @param labels The steps of an edited text may be labelled without being accepted. Where no steps of the text are, that of the latest labels takes its place.
 */
export function reviewedText(chain: Chain, acts: readonly ReviewAct[], labels = false): ReviewedText {
  const reviews = [...new Set(acts.map((act) => act.reviewer))].map((reviewer) => {
    const own = acts.filter((act) => act.reviewer === reviewer);
    const acceptedAt = own.findLast((act) => act.act === 'accept')?.at ?? '';
    return { reviewer, state: foldActs(chain, own), acceptedAt, own };
  });
  const accepting = reviews
    .filter(({ state }) => state.decision === 'accepted')
    .sort((a, b) => compare(a.acceptedAt, b.acceptedAt) || compare(a.reviewer, b.reviewer));
  const accepted = accepting.at(-1);
  const last = labels ? (latestLabels(reviews, accepted?.state.text ?? chain.text) ?? accepted) : accepted;
  const at = acts.map((act) => act.at).sort(compare);
  const { text, segments, spans } = last?.state ?? chain;
  return {
    decision: combineDecisions(reviews.map(({ state }) => state.decision)),
    text,
    segments,
    spans,
    steps: combineSteps(reviews.flatMap(({ state }) => (state.text === text && state.steps ? [state.steps] : []))),
    acceptedBy: accepting.map(({ reviewer }) => reviewer).sort(compare),
    overrides: reviews
      .flatMap(({ reviewer, state }) => (state.override === undefined ? [] : [{ reviewer, ...state.override }]))
      .sort((a, b) => compare(a.reviewer, b.reviewer)),
    tags: [...new Set(reviews.flatMap(({ state }) => state.tags ?? []))].sort(compare),
    ...defined({ editedBy: last?.state.edited ? last.reviewer : undefined, at: at.at(-1) }),
    reviews: reviews
      .map(({ reviewer, state, own }) => chainReview(reviewer, state, own, text))
      .sort((a, b) => compare(a.reviewer, b.reviewer)),
  };
}

/** The review with the latest labels of steps; undefined if steps of this text are labelled, or none at all. */
function latestLabels<T extends { state: ReviewState; own: readonly ReviewAct[] }>(
  reviews: readonly T[],
  text: string,
): T | undefined {
  const labelled = reviews.filter(({ state }) => (state.steps?.length ?? 0) > 0);
  if (labelled.some(({ state }) => state.text === text)) return undefined;
  const at = ({ own }: T): string => own.findLast(({ act }) => act === 'step' || act === 'first-wrong-step')?.at ?? '';
  return labelled.sort((a, b) => compare(at(a), at(b))).at(-1);
}

/** The decision of all reviewers: rejected if anyone rejected, else accepted if anyone accepted, else skipped if anyone skipped. */
export function combineDecisions(decisions: Iterable<Decision>): Decision {
  const given = new Set(decisions);
  return (['rejected', 'accepted', 'skipped'] as const).find((decision) => given.has(decision)) ?? 'pending';
}

/** The outcome of all reviewers for the final answer, the most careful one; undefined without an override. */
export function combineOverrides(outcomes: Iterable<OverrideOutcome>): OverrideOutcome | undefined {
  const given = new Set(outcomes);
  return (['incorrect', 'unknown', 'correct'] as const).find((outcome) => given.has(outcome));
}
