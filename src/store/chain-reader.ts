import { withJudgement } from '../core/review/judge/index.ts';
import type { Chain, JudgementLine, Problem, ReviewAct } from '../core/schemas/index.ts';
import { readChain, readProblem } from './chain-index/rows.ts';
import type { Dataset } from './dataset.ts';
import { LinesAt } from './lines/lines-at.ts';

/** Problems that are kept; neighbouring chains often have the same. */
const MOST_PROBLEMS = 2000;

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
      at < 0 ? undefined : await this.#lines.read(chainTable.rows.place(at)).then(readChain, () => undefined);
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
    const read = row && (await this.#lines.read(row).then(readProblem, () => undefined));
    const problem = typeof read === 'object' && read.id === id ? read : await this.#dataset.problem(id);
    if (this.#problems.size >= MOST_PROBLEMS) this.#problems.clear();
    this.#problems.set(id, problem);
    return problem;
  }

  /** Acts on a chain of all reviewers, in file order. */
  async reviewActs(id: string): Promise<ReviewAct[]> {
    return this.#dataset.index.acts(id).length === 0 ? [] : this.#dataset.reviewActs(id);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
