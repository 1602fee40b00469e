import { withJudgement } from '../core/review/judge/index.ts';
import type { Chain, JudgementLine, Problem, ReviewAct } from '../core/schemas/index.ts';
import { readChain, readProblem } from './chain-index/rows.ts';
import type { Place } from './chain-index/segment.ts';
import type { Dataset } from './dataset.ts';
import { LinesAt } from './lines/lines-at.ts';

/** Problems that are kept; neighbouring chains often have the same. */
const MOST_PROBLEMS = 2000;

/** Where a chain and its problem are, with what else belongs to it: plain values, for another thread. */
export interface PlacedChain {
  id: string;
  round: string;
  chain: Place;
  problem: Place;
  /** Of all reviewers, in file order. */
  acts: readonly ReviewAct[];
  judgement?: JudgementLine | undefined;
}

// Lines are parsed without a limit of nesting, which readChain and readProblem check.

/** Reads many chains with what belongs to them; fast where they are read in the order of the index. */
export class ChainReader {
  readonly #dataset: Dataset;
  readonly #lines: LinesAt;
  readonly #problems = new Map<string, Problem>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#lines = new LinesAt(dataset.folder);
  }

  /** A chain with its judgement laid over it, and the round of its folder. @throws StoreError `unknown-chain` */
  async chain(id: string): Promise<{ chain: Chain; judgement?: JudgementLine }> {
    const { chainTable } = this.#dataset.index;
    const at = chainTable.find(id);
    const read =
      at < 0
        ? undefined
        : await this.#lines.read(chainTable.rows.place(at), JSON.parse).then(readChain, () => undefined);
    const stored = typeof read === 'object' && read.id === id ? read : await this.#dataset.chain(id);
    const chain = at < 0 ? stored : { ...stored, round: chainTable.rows.value(at, 'round') };
    const judgement = at < 0 || !chainTable.judgement(at) ? undefined : await this.#dataset.judgement(id);
    return judgement ? { chain: withJudgement(chain, judgement), judgement } : { chain };
  }

  /** @throws StoreError `unknown-problem` */
  async problem(id: string): Promise<Problem> {
    const known = this.#problems.get(id);
    if (known) return known;
    const row = this.#dataset.index.problem(id);
    const read = row && (await this.#lines.read(row, JSON.parse).then(readProblem, () => undefined));
    const problem = typeof read === 'object' && read.id === id ? read : await this.#dataset.problem(id);
    if (this.#problems.size >= MOST_PROBLEMS) this.#problems.clear();
    this.#problems.set(id, problem);
    return problem;
  }

  /** Acts on a chain of all reviewers, in file order. */
  async reviewActs(id: string): Promise<ReviewAct[]> {
    return this.#dataset.index.acts(id).length === 0 ? [] : this.#dataset.reviewActs(id);
  }

  /** What PlacedChains reads a chain by. @throws RangeError for an unknown chain, and one whose problem is gone */
  async placed(id: string): Promise<PlacedChain> {
    const { chainTable, problemTable, problemAt } = this.#dataset.index;
    const at = chainTable.find(id);
    return {
      id,
      round: chainTable.rows.value(at, 'round'),
      chain: chainTable.rows.place(at),
      problem: problemTable.place(problemAt[at] ?? -1),
      acts: await this.reviewActs(id),
      judgement: chainTable.judgement(at) && (await this.#dataset.judgement(id)),
    };
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

/** Reads chains where a ChainReader found them, in another thread. */
export class PlacedChains {
  readonly #lines: LinesAt;
  readonly #problems = new Map<string, Problem>();

  constructor(folder: string) {
    this.#lines = new LinesAt(folder);
  }

  /** As ChainReader reads them. @throws Error where the file has changed */
  async read({ id, round, chain: at, problem: problemAt, judgement }: PlacedChain): Promise<{
    chain: Chain;
    problem: Problem;
    judgement?: JudgementLine;
  }> {
    const stored = readChain(await this.#lines.read(at, JSON.parse));
    if (typeof stored === 'string' || stored.id !== id) throw new RangeError(`${at.file} has changed`);
    const problem = this.#problems.get(stored.problemId) ?? readProblem(await this.#lines.read(problemAt, JSON.parse));
    if (typeof problem === 'string' || problem.id !== stored.problemId)
      throw new RangeError(`${problemAt.file} has changed`);
    if (this.#problems.size >= MOST_PROBLEMS) this.#problems.clear();
    this.#problems.set(problem.id, problem);
    const chain = { ...stored, round };
    return judgement ? { chain: withJudgement(chain, judgement), problem, judgement } : { chain, problem };
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
