import { type JudgeWindow, judgeWindows, numberSentences } from '../../core/judge/index.ts';
import type { Chain, Judge, JudgeSettings, ModelRef, Prices } from '../../core/model/index.ts';
import type { Dataset } from '../../store/index.ts';

/** Chains cannot be judged as asked, with what to do about it. */
export class JudgeError extends Error {
  override readonly name = 'JudgeError';
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** Everything that is decided before the first call. */
export interface JudgeWork {
  model: ModelRef;
  judge: Judge;
  settings: JudgeSettings;
  /** Text of the prompt file. */
  prompt: string;
  /** Of the model; undefined where unknown. */
  prices: Prices | undefined;
  chainIds: readonly string[];
}

/** A chain as a judge sees it: its text in windows and the problem's text. The trusted answer and the verdicts are not among it. */
export interface JudgedChain {
  chain: Chain;
  problem: string;
  sentences: number;
  windows: JudgeWindow[];
}

/** Reads a chain for its judge. Throws StoreError `unknown-chain` or `unknown-problem`. */
export async function chainToJudge(dataset: Dataset, chainId: string, settings: JudgeSettings): Promise<JudgedChain> {
  const chain = await dataset.chain(chainId);
  const { problem } = await dataset.problem(chain.problemId);
  const sentences = numberSentences(chain.text);
  return { chain, problem, sentences: sentences.length, windows: judgeWindows(sentences, settings) };
}
