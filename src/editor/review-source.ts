import { isDeepStrictEqual } from 'node:util';
import { normaliseAnswer } from '../core/answers/normalise.ts';
import { resolvePolicy } from '../core/answers/policies.ts';
import { findCandidates } from '../core/behaviours/index.ts';
import { disagreements, withJudgement } from '../core/judge/index.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  type GradingPolicy,
  type Problem,
  type ReviewAct,
} from '../core/model/index.ts';
import { foldActs, type ReviewState } from '../core/review/index.ts';
import { passRate } from '../core/sampling/posterior.ts';
import type { Candidate, Difficulty, OtherReview, ReviewCounts, ReviewItem } from '../protocol/review.ts';
import type { Dataset } from '../store/index.ts';
import { queryChains, StoreError } from '../store/index.ts';
import { type FacetChoice, queryFor } from './facets.ts';
import type { ReviewSource } from './review/index.ts';

type Listener = () => void;

/** What the store says when a chain can't be shown because of what happened to the files. */
const GONE: ReadonlySet<StoreError['problem']> = new Set(['unknown-chain', 'unknown-problem', 'changed-below']);

/** A dataset as one reviewer reviews it, through one facet of the queue. */
export class DatasetReviewSource implements ReviewSource {
  readonly reviewer: string;
  readonly #dataset: Dataset;
  readonly #listeners = new Set<Listener>();
  readonly #policies = new Map<string, Promise<GradingPolicy | undefined>>();
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
      const policy = await this.#policyOf(chain.round);
      const acts = await this.#dataset.reviewActs(chainId);
      const item = this.#itemOf(withJudgement(chain, judgement), problem, policy, acts);
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
    for (const listener of this.#listeners) listener();
  }

  /** Without those whose problem is gone: there is nothing that they could be reviewed against. */
  #chains(choice: FacetChoice | undefined): string[] {
    const { index } = this.#dataset;
    return queryChains(index, queryFor(choice, this.reviewer))
      .filter(({ problemId }) => index.problem(problemId) !== undefined)
      .map(({ id }) => id);
  }

  /** That of the round's plan, which is written once; the dataset's own where there is none or it can't be read. */
  async #policyOf(round: string): Promise<GradingPolicy> {
    const planned =
      this.#policies.get(round) ??
      this.#dataset.roundPlan(round).then(
        ({ grading }) => grading,
        () => undefined,
      );
    this.#policies.set(round, planned);
    return (await planned) ?? resolvePolicy(this.#dataset.settings.grading);
  }

  #itemOf(chain: Chain, problem: Problem, policy: GradingPolicy, acts: readonly ReviewAct[]): ReviewItem {
    const { pieces, text: _text, segments: _segments, spans: _spans, ...facts } = chain;
    const state = foldActs(
      chain,
      acts.filter((act) => act.reviewer === this.reviewer),
    );
    const others = otherReviews(chain, acts, this.reviewer);
    const difficulty = this.#difficulty(problem.id);
    const now = resolvePolicy(this.#dataset.settings.grading);
    return {
      chain: { ...facts, pieces: pieces.map(({ text: _piece, ...piece }) => piece) },
      problem,
      policy,
      ...(isSamePolicy(policy, now) ? {} : { policyNow: now }),
      state,
      candidates: candidatesOf(state.text, problem, policy),
      rates: ratesOf(state, chain),
      ...(difficulty === undefined ? {} : { difficulty }),
      ...(others.length === 0 ? {} : { others }),
    };
  }

  #difficulty(problemId: string): Difficulty | undefined {
    const rate = this.#dataset.index.passRate(problemId);
    return rate === undefined ? undefined : passRate(rate.attempts, rate.successes);
  }
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

/**
 * Candidate answers of a text. One whose normal form is that of the gold is right, another plain number is wrong; where only the value
 * could tell, there is no outcome: comparing by value is a worker's task and not the editor's.
 */
function candidatesOf(text: string, { problem, answer: gold }: Problem, policy: GradingPolicy): Candidate[] {
  const wanted = normaliseAnswer(gold, policy);
  return findCandidates(text, { problem, gold }).map((candidate) => {
    const answer = normaliseAnswer(candidate.answer, policy);
    if (answer === wanted) return { ...candidate, outcome: 'correct' };
    const numbers = PLAIN_NUMBER.test(answer) && PLAIN_NUMBER.test(wanted);
    if (!numbers) return candidate;
    return { ...candidate, outcome: Number(answer) === Number(wanted) ? 'correct' : 'incorrect' };
  });
}

/** Spans of each kind per 1,000 tokens; the tokens are those that were counted, else a quarter of the characters. */
function ratesOf(state: ReviewState, chain: Chain): Record<Behaviour, number> {
  const tokens = Math.max(1, chain.tokens.count || chain.text.length / 4);
  const rate = (kind: Behaviour): number => (1000 * state.spans.filter((span) => span.kind === kind).length) / tokens;
  return Object.fromEntries(BEHAVIOURS.map((kind) => [kind, rate(kind)])) as Record<Behaviour, number>;
}
