import { seedOf } from '../../core/dialogue/index.ts';
import {
  answerSchema,
  type JudgeWindow,
  judgeMessages,
  judgeWindows,
  numberSentences,
  readAnswer,
  type WindowResult,
} from '../../core/review/judge/index.ts';
import type {
  CallRequest,
  Chain,
  Judge,
  JudgeCall,
  JudgeSettings,
  ModelRef,
  Prices,
} from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import { validReply } from '../calls/valid-reply.ts';

const JUDGE_SEED = 'judge';

/** The first request of a window. Chains with the same beginning share it, and it is paid once. */
export function firstRequest(
  { host, model, sampling }: Judge,
  prompt: string,
  problem: string,
  window: JudgeWindow,
): CallRequest {
  const messages = judgeMessages(prompt, problem, window);
  return { host, model, messages, sampling, seed: seedOf(JUDGE_SEED, 1), schema: answerSchema(window) };
}

/**
 * Requests a judgement of one window at most three times, each time with the problem of the previous answer.
 * @throws ModelError when continuing is useless; UserError `prompt` when the prompt file can't be used.
 */
export async function judgeWindow(
  cached: CachedClient<JudgeCall>,
  chainId: string,
  request: CallRequest,
  window: JudgeWindow,
): Promise<WindowResult> {
  const from = window.asked[0]?.n ?? 1;
  const to = window.asked.at(-1)?.n ?? from;
  const result = await validReply(cached, request, {
    read: (text) => readAnswer(text, window),
    lineOf: (call, attempt) => ({ ...call, chainId, from, to, attempt }),
    name: `${chainId}, sentences ${from} to ${to}`,
    seed: JUDGE_SEED,
  });
  return 'value' in result ? { labels: result.value } : result;
}

/** Everything decided before the first call. */
export interface JudgeWork {
  model: ModelRef;
  judge: Judge;
  settings: JudgeSettings;
  /** Text of the prompt file. */
  prompt: string;
  /** Prices of the model, if known. */
  prices: Prices | undefined;
  chainIds: readonly string[];
}

/** A chain for a judge: its text in windows and the problem, without the trusted answer and the verdicts. */
export interface JudgedChain {
  chain: Chain;
  problem: string;
  sentences: number;
  windows: JudgeWindow[];
}

/** @throws StoreError `unknown-chain` or `unknown-problem` */
export async function chainToJudge(dataset: Dataset, chainId: string, settings: JudgeSettings): Promise<JudgedChain> {
  const chain = await dataset.chain(chainId);
  const { problem } = await dataset.problem(chain.problemId);
  const sentences = numberSentences(chain.text);
  return { chain, problem, sentences: sentences.length, windows: judgeWindows(sentences, settings) };
}
