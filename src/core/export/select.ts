import type { Chain, Decision, OverrideOutcome, ReviewAct, Segment, Span } from '../model/index.ts';
import { foldActs, type Override } from '../review/index.ts';
import { combineDecisions } from './decision.ts';

export type Selection = 'accepted' | 'passed';

/** Filters that say nothing but what grading says of the final answer: a person's word on it takes their place. */
export const VERDICT_FILTERS: ReadonlySet<string> = new Set(['final-correct', 'gradable']);

/** What the selection goes by. */
export interface Selectable {
  passed: boolean;
  /** Ids of the filters that it did not pass. */
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
  if (select === 'accepted') return decision === 'accepted';
  const passes =
    override === undefined
      ? chain.passed
      : override === 'correct' && chain.failed.every((filter) => VERDICT_FILTERS.has(filter));
  return passes && !chain.quotaDropped && decision !== 'rejected';
}

/** A chain as it stands after all reviewers. */
export interface ReviewedText {
  /** Of all reviewers together. */
  decision: Decision;
  /** The chain's own text, or that of the reviewer who accepted it last. */
  text: string;
  segments: Segment[];
  spans: Span[];
  /** Who accepted the chain, sorted. */
  acceptedBy: string[];
  /** Whose text this is; absent for the chain's own. */
  editedBy?: string;
  /** What reviewers said of the final answer in the grader's place, sorted by reviewer. */
  overrides: (Override & { reviewer: string })[];
  /** Time of the latest act; absent when there is none. */
  at?: string;
}

/** Folds the acts of every reviewer on this chain, each in file order. */
export function reviewedText(chain: Chain, acts: readonly ReviewAct[]): ReviewedText {
  const reviews = [...new Set(acts.map((act) => act.reviewer))].map((reviewer) => {
    const own = acts.filter((act) => act.reviewer === reviewer);
    const acceptedAt = own.findLast((act) => act.act === 'accept')?.at ?? '';
    return { reviewer, state: foldActs(chain, own), acceptedAt };
  });
  const accepting = reviews
    .filter(({ state }) => state.decision === 'accepted')
    .sort((a, b) => compare(a.acceptedAt, b.acceptedAt) || compare(a.reviewer, b.reviewer));
  const last = accepting.at(-1);
  const at = acts.map((act) => act.at).sort(compare);
  const { text, segments, spans } = last?.state ?? chain;
  return {
    decision: combineDecisions(reviews.map(({ state }) => state.decision)),
    text,
    segments,
    spans,
    acceptedBy: accepting.map(({ reviewer }) => reviewer).sort(compare),
    overrides: reviews
      .flatMap(({ reviewer, state }) => (state.override === undefined ? [] : [{ reviewer, ...state.override }]))
      .sort((a, b) => compare(a.reviewer, b.reviewer)),
    ...(last?.state.edited ? { editedBy: last.reviewer } : {}),
    ...(at.length > 0 ? { at: at.at(-1) ?? '' } : {}),
  };
}

/** Code unit order: the same on every machine, whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
