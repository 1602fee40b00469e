import { isDeepStrictEqual } from 'node:util';
import { normaliseAnswer } from '../core/answers/normalise.ts';
import { resolvePolicy } from '../core/answers/policies.ts';
import { findCandidates, ratesPer1000Tokens } from '../core/behaviours/index.ts';
import { type DetectorScores, measuredPrecision } from '../core/calibration/index.ts';
import { disagreements, withJudgement } from '../core/judge/index.ts';
import {
  type Chain,
  type FilterResult,
  type GradingPolicy,
  type Problem,
  type ReviewAct,
  type RoundPlan,
  sameModel,
  type TextChange,
} from '../core/model/index.ts';
import { diffToChanges, foldActs, mapSpans, type ReviewState } from '../core/review/index.ts';
import { passRate } from '../core/sampling/posterior.ts';
import type { Candidate, Difficulty, OtherReview, ReviewCounts, ReviewItem } from '../protocol/review.ts';
import { appliedPolicy } from '../store/gradings.ts';
import type { Dataset, PassRate } from '../store/index.ts';
import { detectorScores, queryChains, StoreError } from '../store/index.ts';
import { type FacetChoice, queryFor } from './facets.ts';
import type { ReviewSource } from './review/index.ts';

type Listener = () => void;

/** What the store says when a chain can't be shown because of what happened to the files. */
const GONE: ReadonlySet<StoreError['problem']> = new Set(['unknown-chain', 'unknown-problem', 'changed-below']);

/** What the dataset knows beyond the chain itself. */
interface Known {
  policy: GradingPolicy;
  scores: DetectorScores | undefined;
  difficulty: Difficulty | undefined;
}

/** A dataset as one reviewer reviews it, through one facet of the queue. */
export class DatasetReviewSource implements ReviewSource {
  readonly reviewer: string;
  readonly #dataset: Dataset;
  readonly #listeners = new Set<Listener>();
  readonly #plans = new Map<string, Promise<RoundPlan | undefined>>();
  /** Read once between two changes: each chain shows them. */
  #scores: Promise<DetectorScores | undefined> | undefined;
  #facet: FacetChoice | undefined;
  /** Chains that were decided when the sitting began; they come last, and no decision of the sitting moves a chain. */
  #decidedBefore: ReadonlySet<string> = new Set();

  constructor(dataset: Dataset, reviewer: string) {
    this.#dataset = dataset;
    this.reviewer = reviewer;
    this.begin(undefined);
  }

  get facet(): FacetChoice | undefined {
    return this.#facet;
  }

  /** Begins a sitting over the chains with this facet value, or over all. Pending ones come first. */
  begin(choice: FacetChoice | undefined): void {
    this.#facet = choice;
    const { index } = this.#dataset;
    const ids = index.chains().map((chain) => chain.id);
    this.#decidedBefore = new Set(ids.filter((id) => index.decision(id, this.reviewer) !== 'pending'));
  }

  async queue(): Promise<readonly string[]> {
    const ids = this.#chains(this.#facet);
    const isDecided = (id: string): boolean => this.#decidedBefore.has(id);
    return [...ids.filter((id) => !isDecided(id)), ...ids.filter(isDecided)];
  }

  async item(chainId: string): Promise<ReviewItem | undefined> {
    try {
      const chain = await this.#dataset.chain(chainId);
      const judgement = await this.#dataset.judgement(chainId);
      const problem = await this.#dataset.problem(chain.problemId);
      const policy = await this.#policyOf(this.#dataset.index.chain(chainId)?.round ?? chain.round, chainId);
      const acts = await this.#dataset.reviewActs(chainId);
      const known = { policy, scores: await this.#detectorScores(), difficulty: await this.#difficulty(chain) };
      const item = this.#itemOf(withJudgement(chain, judgement), problem, known, acts);
      return judgement === undefined || item.state.edited
        ? item
        : { ...item, disagreements: disagreements(chain, judgement) };
    } catch (error) {
      // Its file or that of its problem was removed, or is being written, since the queue was read.
      if (error instanceof StoreError && GONE.has(error.problem)) return undefined;
      throw error;
    }
  }

  /** Of the chains in the queue, and of those that only their decision keeps out of it: progress is seen in every facet. */
  async counts(): Promise<ReviewCounts> {
    const counts: ReviewCounts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    const choice = this.#facet?.facet === 'decision' ? undefined : this.#facet;
    for (const id of this.#chains(choice)) counts[this.#dataset.index.decision(id, this.reviewer)]++;
    return counts;
  }

  async append(act: ReviewAct): Promise<void> {
    await this.#dataset.appendReview(act);
    await this.#dataset.refresh();
  }

  async samplesOf(problemId: string): Promise<readonly string[]> {
    return queryChains(this.#dataset.index, { problem: [problemId] }).map(({ id }) => id);
  }

  readonly onDidChange = (listener: Listener): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  /** The index has read something new. */
  changed(): void {
    this.#scores = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** Without those whose problem is gone: there is nothing that they could be reviewed against. */
  #chains(choice: FacetChoice | undefined): string[] {
    const { index } = this.#dataset;
    return queryChains(index, queryFor(choice, this.reviewer))
      .filter(({ problemId }) => index.problem(problemId) !== undefined)
      .map(({ id }) => id);
  }

  /** That of the last regrading of the chain; else of the round's plan, which is written once; else, or where these can't be read, the dataset's own. */
  async #policyOf(round: string, chain: string): Promise<GradingPolicy> {
    const plan = await this.#planOf(round);
    // Not kept: a regrading writes its end after the chains whose change is heard of.
    const of = { round, since: plan?.createdAt ?? '', chain };
    const applied = await appliedPolicy(this.#dataset.folder, of).catch(() => undefined);
    return applied ?? plan?.grading ?? resolvePolicy(this.#dataset.settings.grading);
  }

  /** None where calibrations can't be read: a chain is shown all the same. */
  #detectorScores(): Promise<DetectorScores | undefined> {
    this.#scores ??= detectorScores(this.#dataset).catch(() => undefined);
    return this.#scores;
  }

  #itemOf(
    chain: Chain,
    problem: Problem,
    { policy, scores, difficulty }: Known,
    acts: readonly ReviewAct[],
  ): ReviewItem {
    const { pieces, text: _text, segments: _segments, spans: _spans, candidates: _candidates, ...facts } = chain;
    const state = foldActs(
      chain,
      acts.filter((act) => act.reviewer === this.reviewer),
    );
    const others = otherReviews(chain, acts, this.reviewer);
    const suspectGold = this.#dataset.index.suspectGold(problem.id);
    const now = resolvePolicy(this.#dataset.settings.grading);
    return {
      chain: {
        ...facts,
        filters: filtersOn(chain, state),
        pieces: pieces.map(({ text: _piece, reasoning: _thought, ...piece }) => piece),
      },
      problem,
      policy,
      ...(isSamePolicy(policy, now) ? {} : { policyNow: now }),
      state,
      candidates: candidatesOf(state.text, problem, policy, chain.candidates),
      // Where tokens were not counted, a quarter of the characters stands for them.
      rates: ratesPer1000Tokens(state.spans, Math.max(1, chain.tokens.count || chain.text.length / 4)),
      precision: measuredPrecision(state.spans, scores),
      ...(difficulty === undefined ? {} : { difficulty }),
      ...(suspectGold === undefined ? {} : { suspectGold }),
      ...(this.#dataset.index.chain(chain.id)?.quotaDropped ? { quotaDropped: true } : {}),
      ...(others.length === 0 ? {} : { others }),
    };
  }

  /** For the model that wrote a sampled chain: what another one finds difficult says little of it. */
  async #difficulty({ problemId, origin, round }: Chain): Promise<Difficulty | undefined> {
    const { index } = this.#dataset;
    const rate = origin === 'sampled' ? await this.#ofModel(problemId, round) : index.passRate(problemId);
    return rate === undefined || rate.attempts === 0 ? undefined : passRate(rate.attempts, rate.successes);
  }

  async #ofModel(problemId: string, round: string): Promise<PassRate | undefined> {
    const { index } = this.#dataset;
    const model = (await this.#planOf(round))?.model;
    const plans = await Promise.all(index.rounds.map((one) => this.#planOf(one)));
    const same = plans.filter((plan) => plan?.model && model && sameModel(plan.model, model));
    return index.tallies(same.flatMap((plan) => plan?.round ?? [])).get(problemId);
  }

  /** A plan is written once. */
  #planOf(round: string): Promise<RoundPlan | undefined> {
    const reading = this.#plans.get(round) ?? this.#dataset.roundPlan(round).catch(() => undefined);
    this.#plans.set(round, reading);
    return reading;
  }
}

/**
 * What the filters said, with their places on the reviewed text. A place of a raw piece that assembly has changed is that of the whole piece; one
 * that an edit took away is left out.
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

/** Whether two policies compare alike, whatever they are called. */
function isSamePolicy(a: GradingPolicy, b: GradingPolicy): boolean {
  return isDeepStrictEqual({ ...a, name: '' }, { ...b, name: '' });
}

function otherReviews(chain: Chain, acts: readonly ReviewAct[], me: string): OtherReview[] {
  const names = new Set(acts.map((act) => act.reviewer).filter((name) => name !== me));
  return [...names].map((name) => {
    const { decision, reason, override } = foldActs(
      chain,
      acts.filter((act) => act.reviewer === name),
    );
    return {
      ...{ reviewer: name, decision },
      ...(reason === undefined ? {} : { reason }),
      ...(override === undefined ? {} : { override }),
    };
  });
}

/** A numeral that is compared by its digits alone, without any work that a hostile text could make long. */
const PLAIN_NUMBER = /^-?\d{1,18}(?:\.\d{1,18})?$/;
/** Decimals closer than this, relatively, may be the same by rounding. */
const NEAR = 0.01;

/**
 * Candidate answers of a text. What was graded when the chain was made has that outcome. Of others, one whose normal form is that of the gold is right; of two plain numbers it is seen whether they differ. Where only a
 * computed value or a tolerance could tell, there is no outcome: that is a worker's task and not the editor's.
 */
function candidatesOf(
  text: string,
  { problem, answer: gold }: Problem,
  policy: GradingPolicy,
  graded: Chain['candidates'] = {},
): Candidate[] {
  const wanted = normaliseAnswer(gold, policy);
  return findCandidates(text, { problem, gold }).map((candidate) => {
    const outcome = Object.hasOwn(graded, candidate.answer) ? graded[candidate.answer] : undefined;
    if (outcome !== undefined) return { ...candidate, outcome };
    const answer = normaliseAnswer(candidate.answer, policy);
    if (answer === wanted) return { ...candidate, outcome: 'correct' };
    if (!PLAIN_NUMBER.test(answer) || !PLAIN_NUMBER.test(wanted)) return candidate;
    if (surelyDiffer(answer, wanted)) return { ...candidate, outcome: 'incorrect' };
    return candidate;
  });
}

/** Whether two plain numbers, spelled differently, surely differ. */
function surelyDiffer(a: string, b: string): boolean {
  if (!a.includes('.') && !b.includes('.')) return BigInt(a) !== BigInt(b);
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) > NEAR * Math.max(Math.abs(x), Math.abs(y));
}
