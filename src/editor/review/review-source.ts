import { isDeepStrictEqual } from 'node:util';
import { defined } from '../../core/defined.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { type Clause, formatClause, type Query } from '../../core/query/query.ts';
import { measuredAccuracy, type SourceScores } from '../../core/review/calibration/index.ts';
import { candidatesOf } from '../../core/review/candidates.ts';
import { disagreements, withJudgement } from '../../core/review/judge/index.ts';
import type { TableSort } from '../../core/review/table/view.ts';
import { passRate } from '../../core/sampling/posterior.ts';
import {
  type Chain,
  type GradingPolicy,
  type Problem,
  type ReviewAct,
  type RoundPlan,
  sameModel,
} from '../../core/schemas/index.ts';
import type { Candidate, Difficulty, ReviewCounts, ReviewItem } from '../../protocol/review.ts';
import type { ShownStepValues } from '../../protocol/step-values.ts';
import { appliedPolicy } from '../../store/gradings.ts';
import type { Dataset, PassRate } from '../../store/index.ts';
import {
  dependsOnReviews,
  detectorScores,
  FoundChains,
  queryChains,
  queryPositions,
  StoreError,
} from '../../store/index.ts';
import { type Grader, LateGrades } from './late-grades.ts';
import { sortOf } from './order.ts';
import type { ChainOrder } from './queue.ts';
import { reviewItem, shownStepValues } from './review-item.ts';
import type { ReviewSource } from './session.ts';

type Listener = () => void;

/** Errors of the store about files that were removed or are being written. */
const GONE: ReadonlySet<StoreError['kind']> = new Set(['unknown-chain', 'unknown-problem', 'changed-below']);

/** Lists of chains that are kept: those of the queue and of the counts. */
const KEPT_LISTS = 2;

/** Facts of the dataset about a chain. */
interface Known {
  policy: GradingPolicy;
  scores: SourceScores | undefined;
  difficulty: Difficulty | undefined;
}

/** Where the query of the queue is kept. */
export interface QueryHolder {
  query(): Query;
  /** The order of the queue; null as stored. */
  order(): TableSort | null;
  /** The source begins again. */
  set(query: Query): void;
}

/** A dataset for one reviewer, with the query of the queue. */
export class DatasetReviewSource implements ReviewSource {
  readonly reviewer: string;
  readonly #dataset: Dataset;
  readonly #listeners = new Set<Listener>();
  readonly #plans = new Map<string, Promise<RoundPlan | undefined>>();
  /** Cached until the next change. */
  #scores: Promise<SourceScores | undefined> | undefined;
  readonly #holder: QueryHolder;
  /** Chains decided before the session. They come last; decisions of the session don't move chains. */
  #decidedBefore: ReadonlySet<string> = new Set();
  /** The queue, while nothing of it changes. */
  #queue: { from: FoundChains; before: ReadonlySet<string>; order: ChainOrder } | undefined;

  /** All chains, and those of the last queries, by a version of the index. */
  #all: { rows: object; chains: FoundChains } | undefined;
  readonly #found = new Map<string, { rows: object; chains: Promise<FoundChains> }>();

  readonly #lateGrades: LateGrades | undefined;

  /** @param grader Grades candidate answers without grades. */
  constructor(dataset: Dataset, reviewer: string, holder: QueryHolder, grader?: Grader) {
    this.#dataset = dataset;
    this.#holder = holder;
    this.reviewer = reviewer;
    if (grader !== undefined) this.#lateGrades = new LateGrades(grader, () => this.#notify());
    this.begin();
  }

  get query(): Query {
    return this.#holder.query();
  }

  removeClause(clause: Clause): void {
    const removed = formatClause(clause);
    this.#holder.set(this.query.filter((one) => formatClause(one) !== removed));
  }

  /** Starts a review of the chains that match the query. Pending ones come first. */
  begin(): void {
    const { index } = this.#dataset;
    const decided = index.reviewed().filter((id) => index.decision(id, this.reviewer) !== 'pending');
    this.#decidedBefore = new Set(decided);
  }

  /** The same object while the chains are the same, in the same order. */
  async queue(): Promise<ChainOrder> {
    const from = await this.#chains(this.query, this.#holder.order());
    const before = this.#decidedBefore;
    if (this.#queue?.from !== from || this.#queue.before !== before) {
      const { chainTable } = this.#dataset.index;
      const decided = new Set(Array.from(before, (id) => chainTable.find(id)));
      this.#queue = { from, before, order: from.first((position) => !decided.has(position)) };
    }
    return this.#queue.order;
  }

  async item(chainId: string): Promise<ReviewItem | undefined> {
    try {
      const chain = await this.#dataset.chain(chainId);
      const judgement = await this.#dataset.judgement(chainId);
      const problem = await this.#dataset.problem(chain.problemId);
      const policy = await this.#policyOf(this.#dataset.index.chain(chainId)?.round ?? chain.round, chainId);
      const acts = await this.#dataset.reviewActs(chainId);
      const known = { policy, scores: await this.#classifierScores(), difficulty: await this.#difficulty(chain) };
      const marked = this.#itemOf(withJudgement(chain, judgement), problem, known, acts);
      const item = { ...marked, ...defined({ values: await this.#values(chain, marked.state) }) };
      return judgement === undefined || item.state.edited
        ? item
        : { ...item, disagreements: disagreements(chain, judgement) };
    } catch (error) {
      // A file was removed or is being written.
      if (error instanceof StoreError && GONE.has(error.kind)) return undefined;
      throw error;
    }
  }

  /** The step values of the reviewed text; else, after an edit, those of the chain's own text as far as it is the same. */
  async #values(chain: Chain, reviewed: Pick<Chain, 'text'>): Promise<ShownStepValues | undefined> {
    for (const { text } of [reviewed, chain]) {
      const values = await this.#dataset.stepValues({ id: chain.id, text });
      if (values !== undefined) return shownStepValues(values, { text }, reviewed);
    }
    return undefined;
  }

  /** Ignores clauses about the decision, so that the counts show the progress. */
  async counts(): Promise<ReviewCounts> {
    const query = this.query.filter(({ field }) => field !== 'decision');
    const { index } = this.#dataset;
    const found = await this.#chains(query);
    const counts = { accepted: 0, rejected: 0, skipped: 0, pending: found.length };
    for (const id of index.reviewed()) {
      const decision = index.decision(id, this.reviewer);
      if (decision === 'pending' || found.indexOf(id) < 0) continue;
      counts[decision]++;
      counts.pending--;
    }
    return counts;
  }

  all(): ChainOrder {
    const { index } = this.#dataset;
    const { rows } = index.versions;
    if (this.#all?.rows !== rows)
      this.#all = { rows, chains: this.#withProblem(new FoundChains(index.chainTable, queryPositions(index))) };
    return this.#all.chains;
  }

  async append(acts: readonly ReviewAct[]): Promise<void> {
    await this.#dataset.appendReviews(acts);
    await this.#dataset.refresh();
  }

  async samplesOf(problemId: string): Promise<readonly string[]> {
    const query: Query = [{ field: 'problem', op: '=', values: [problemId] }];
    return queryChains(this.#dataset.index, query).map(({ id }) => id);
  }

  readonly onDidChange = (listener: Listener): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  /** The index has read something new. */
  changed(): void {
    this.#scores = undefined;
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The same object while acts of reviewers can't change it: a million chains take some milliseconds after every act. */
  #chains(query: Query, order: TableSort | null = null): Promise<FoundChains> {
    const sort = sortOf(order);
    const find = async (): Promise<FoundChains> =>
      this.#withProblem(await this.#dataset.find(query, { as: this.reviewer, sort }));
    if (dependsOnReviews(query, sort)) return find();
    const { rows } = this.#dataset.index.versions;
    const key = JSON.stringify([query, order]);
    const known = this.#found.get(key);
    if (known?.rows === rows) return known.chains;
    this.#found.delete(key);
    for (const oldest of this.#found.keys()) if (this.#found.size >= KEPT_LISTS) this.#found.delete(oldest);
    const chains = find();
    this.#found.set(key, { rows, chains });
    chains.catch(() => this.#found.delete(key));
    return chains;
  }

  /** Without chains whose problem no longer exists. */
  #withProblem(chains: FoundChains): FoundChains {
    const { problemAt } = this.#dataset.index;
    return chains.where((position) => (problemAt[position] ?? -1) >= 0);
  }

  /** The policy of the last regrading of the chain; else of the round's plan; else, or if these can't be read, of the dataset. */
  async #policyOf(round: string, chain: string): Promise<GradingPolicy> {
    const plan = await this.#planOf(round);
    // Not cached: a regrading finishes after it has changed the chains.
    const of = { round, since: plan?.createdAt ?? '', chain };
    const applied = await appliedPolicy(this.#dataset.folder, of).catch(() => undefined);
    return applied ?? plan?.grading ?? resolvePolicy(this.#dataset.settings.grading);
  }

  /** Undefined if calibrations can't be read. */
  #classifierScores(): Promise<SourceScores | undefined> {
    this.#scores ??= detectorScores(this.#dataset).catch(() => undefined);
    return this.#scores;
  }

  #itemOf(
    chain: Chain,
    problem: Problem,
    { policy, scores, difficulty }: Known,
    acts: readonly ReviewAct[],
  ): ReviewItem {
    const suspectGold = this.#dataset.index.suspectGold(problem.id);
    const now = resolvePolicy(this.#dataset.settings.grading);
    const item = reviewItem(chain, problem, policy, acts, this.reviewer, (text) =>
      this.#candidates(chain, text, problem, policy),
    );
    return {
      ...item,
      ...defined({ policyNow: isSamePolicy(policy, now) ? undefined : now }),
      accuracy: measuredAccuracy(item.state.spans, scores),
      ...defined({
        difficulty,
        suspectGold,
        quotaDropped: this.#dataset.index.chain(chain.id)?.quotaDropped || undefined,
      }),
    };
  }

  #candidates(chain: Chain, text: string, problem: Problem, policy: GradingPolicy): Candidate[] {
    const late = this.#lateGrades;
    const graded = { ...late?.of({ problem, policy }), ...chain.candidates };
    const candidates = candidatesOf(text, problem, policy, graded);
    const ungraded = candidates.flatMap(({ answer, outcome }) => (outcome === undefined ? [answer] : []));
    if (ungraded.length > 0) late?.ask({ text, problem, policy }, ungraded);
    return candidates;
  }

  /** Of a sampled chain, the pass rate of its own model. */
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

  /** Cached, since a plan is written once. */
  #planOf(round: string): Promise<RoundPlan | undefined> {
    const reading = this.#plans.get(round) ?? this.#dataset.roundPlan(round).catch(() => undefined);
    this.#plans.set(round, reading);
    return reading;
  }
}

/** Whether two policies are the same apart from their names. */
function isSamePolicy(a: GradingPolicy, b: GradingPolicy): boolean {
  return isDeepStrictEqual({ ...a, name: '' }, { ...b, name: '' });
}
