import { behaviourRates } from '../../../src/core/behaviours/index.ts';
import { defined } from '../../../src/core/defined.ts';
import type { Clause, Query } from '../../../src/core/query/query.ts';
import { foldActs } from '../../../src/core/review/index.ts';
import { type Chain, GradingPolicy, type ReviewAct, type Span } from '../../../src/core/schemas/index.ts';
import type { ReviewSource } from '../../../src/editor/review/session.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';

/** A two-piece chain of which `answer[1]` is not trained, split after the first sentence. */
export function chainOf(id: string, text = 'Add them up: 12. Wait, check that again.', spans: Span[] = []): Chain {
  const cut = text.indexOf('. ') + 2;
  return {
    id,
    round: '0-handwritten',
    problemId: `problem-of-${id}`,
    origin: 'handwritten',
    class: 'FT',
    text,
    segments: [
      { piece: 'answer[1]', start: 0, end: cut, train: false },
      { piece: 'check[1]', start: cut, end: text.length, train: true },
    ],
    spans,
    verdict: { outcome: 'correct', method: 'number', extracted: '12' },
    pieces: [],
    filters: [],
    passed: true,
    model: 'handwritten',
    tokens: { count: 10, estimated: true },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

/** A dataset in memory with a `pending` filter that can be switched on, as the queue view has it. */
export class MemorySource implements ReviewSource {
  readonly reviewer = 'tester';
  readonly acts: ReviewAct[] = [];
  readonly #listeners = new Set<() => void>();
  readonly chains: Chain[];
  onlyPending = false;
  /** Clauses with one problem each, which are alternatives here; none: all chains. */
  query: Query = [];
  /** Thrown by the next append, as a full disk would. */
  failure: Error | undefined;
  /** Of every chain. */
  values: ReviewItem['values'];
  /** Chains whose file can't be read. */
  readonly unreadable = new Set<string>();

  constructor(chains: Chain[]) {
    this.chains = chains;
  }

  async queue(): Promise<readonly string[]> {
    const wanted = this.query.flatMap(({ values }) => values);
    const ids = this.chains
      .filter(({ problemId }) => wanted.length === 0 || wanted.includes(problemId))
      .map(({ id }) => id);
    return this.onlyPending ? ids.filter((id) => this.#state(id)?.decision === 'pending') : ids;
  }

  removeClause({ values }: Clause): void {
    this.query = this.query.filter((one) => one.values[0] !== values[0]);
  }

  all(): readonly string[] {
    return this.chains.map(({ id }) => id);
  }

  async item(chainId: string): Promise<ReviewItem | undefined> {
    if (this.unreadable.has(chainId)) throw new Error(`cannot read ${chainId}`);
    const chain = this.chains.find(({ id }) => id === chainId);
    const state = this.#state(chainId);
    if (chain === undefined || state === undefined) return undefined;
    const { text: _text, segments: _segments, spans: _spans, pieces, ...rest } = chain;
    return {
      chain: { ...rest, pieces: pieces.map(({ text: _pieceText, reasoning: _reasoning, ...piece }) => piece) },
      problem: { id: chain.problemId, problem: 'Six and six?', answer: '12' },
      policy: GradingPolicy.parse({}),
      state,
      candidates: [],
      ...defined({ values: this.values }),
      accuracy: {},
      rates: behaviourRates([], { tokens: 1, characters: 1 }),
    };
  }

  async counts() {
    const decisions = this.chains.map(({ id }) => this.#state(id)?.decision);
    const count = (wanted: string) => decisions.filter((decision) => decision === wanted).length;
    return {
      accepted: count('accepted'),
      rejected: count('rejected'),
      skipped: count('skipped'),
      pending: count('pending'),
    };
  }

  async append(acts: readonly ReviewAct[]): Promise<void> {
    const failure = this.failure;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    this.acts.push(...acts);
  }

  async samplesOf(problemId: string): Promise<readonly string[]> {
    return this.chains.filter((chain) => chain.problemId === problemId).map(({ id }) => id);
  }

  readonly onDidChange = (listener: () => void) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  #state(chainId: string) {
    const chain = this.chains.find(({ id }) => id === chainId);
    return chain === undefined ? undefined : foldActs(chain, this.acts);
  }
}
