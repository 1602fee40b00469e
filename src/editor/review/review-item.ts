import { behaviourRates } from '../../core/behaviours/index.ts';
import { thoughtAnchors } from '../../core/continuation/anchors.ts';
import { defined } from '../../core/defined.ts';
import { candidatesOf } from '../../core/review/candidates.ts';
import { diffToChanges, foldActs, mapSpans, type ReviewState } from '../../core/review/index.ts';
import type { Chain, FilterResult, GradingPolicy, Problem, ReviewAct, TextChange } from '../../core/schemas/index.ts';
import type { Candidate, OtherReview, ReviewItem } from '../../protocol/review.ts';
import type { ShownStepValues, StepValues } from '../../protocol/step-values.ts';

/**
 * What the reader shows of a chain, from the chain and the acts on it alone.
 * @param policy By which the chain was graded. @param acts Of all reviewers. @param reviewer Whose state is shown.
 * @param candidates The candidate answers of the reviewed text.
 */
export function reviewItem(
  chain: Chain,
  problem: Problem,
  policy: GradingPolicy,
  acts: readonly ReviewAct[],
  reviewer: string,
  candidates = (text: string): Candidate[] => candidatesOf(text, problem, policy, chain.candidates),
): ReviewItem {
  const { pieces, text: _text, segments: _segments, spans: _spans, candidates: _candidates, ...facts } = chain;
  const state = foldActs(
    chain,
    acts.filter((act) => act.reviewer === reviewer),
  );
  const others = otherReviews(chain, acts, reviewer);
  return {
    chain: {
      ...facts,
      filters: filtersOn(chain, state),
      pieces: pieces.map(({ text: _piece, reasoning: _thought, ...piece }) => piece),
    },
    problem,
    policy,
    state,
    candidates: candidates(state.text),
    // Without a token count, four characters are one token.
    rates: behaviourRates(state.spans, {
      tokens: Math.max(1, chain.tokens.count || chain.text.length / 4),
      characters: state.text.length,
    }),
    accuracy: {},
    ...defined({ others: others.length === 0 ? undefined : others }),
  };
}

/**
 * The results of the filters with their places in the reviewed text. A place in a raw piece that assembly changed becomes the whole piece;
 * places that an edit removed are omitted.
 */
function filtersOn(chain: Chain, { text, segments }: ReviewState): FilterResult[] {
  let changes: TextChange[] | undefined;
  return chain.filters.map((filter) => {
    if (!filter.at) return filter;
    if (text !== chain.text) changes ??= diffToChanges(chain.text, text);
    const at = filter.at.flatMap(({ start, end, piece }) => {
      if (piece === undefined) return mapSpans([{ start, end }], changes ?? []);
      const segment = segments.find((each) => each.piece === piece);
      return segment ? [{ start: segment.start, end: segment.end }] : [];
    });
    return { ...filter, at };
  });
}

function otherReviews(chain: Chain, acts: readonly ReviewAct[], me: string): OtherReview[] {
  const names = new Set(acts.map((act) => act.reviewer).filter((name) => name !== me));
  return [...names].map((name) => {
    const { decision, reason, override, tags, assigned } = foldActs(
      chain,
      acts.filter((act) => act.reviewer === name),
    );
    return { reviewer: name, decision, ...defined({ reason, override, tags, assigned }) };
  });
}

/** A line with more places, or outcomes at a place, is no measurement but a file of others, and would hold the editor. */
const MOST = { places: 5_000, outcomes: 1_000_000 };

/** What the reader shows of the values of a text: an edit since leaves those of the text before it. */
export function shownStepValues(
  { chainId: _chain, text: _text, host: _host, ...values }: StepValues,
  measured: { text: string },
  reviewed: { text: string },
): ShownStepValues | undefined {
  if (values.places.length > MOST.places || values.places.some(({ right, wrong }) => right + wrong > MOST.outcomes))
    return undefined;
  const same = sameLength(measured.text, reviewed.text);
  const places = values.places.filter(({ at }) => at <= same);
  if (places.length === 0) return undefined;
  const firstWrong = values.firstWrong !== undefined && values.firstWrong.end <= same ? values.firstWrong : undefined;
  const { firstWrong: _found, ...rest } = values;
  return { ...rest, places, anchors: thoughtAnchors(places, values.steps), ...defined({ firstWrong }) };
}

/** Length of the common beginning of two texts, in code units. */
function sameLength(a: string, b: string): number {
  if (a === b) return a.length;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return same;
}
