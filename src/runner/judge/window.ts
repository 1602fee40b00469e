import { seedOf } from '../../core/dialogue/index.ts';
import {
  again,
  answerSchema,
  type JudgeWindow,
  judgeMessages,
  judgeWindows,
  numberSentences,
  readAnswer,
  type WindowResult,
} from '../../core/review/judge/index.ts';
import {
  type CallReply,
  type CallRequest,
  type Chain,
  type ChatMessage,
  formatOutcome,
  type Judge,
  type JudgeCall,
  type JudgeSettings,
  type ModelRef,
  type Prices,
  pieceText,
  replyOutcome,
} from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { Dataset } from '../../store/index.ts';
import type { CachedClient } from '../calls/cached-client.ts';

/** Most tries for a window. */
export const MOST_TRIES = 3;

/** The first request of a window. Chains with the same beginning share it, and it is paid once. */
export function firstRequest(judge: Judge, prompt: string, problem: string, window: JudgeWindow): CallRequest {
  return requestFor(judge, judgeMessages(prompt, problem, window), window, 1);
}

/**
 * Requests a judgement of one window at most three times, each time with the problem of the previous answer.
 * @throws ModelError when continuing is useless; UserError `prompt` when the prompt file can't be used.
 */
export async function judgeWindow(
  cached: CachedClient<JudgeCall>,
  chainId: string,
  request: CallRequest,
  judge: Judge,
  window: JudgeWindow,
): Promise<WindowResult> {
  const from = window.asked[0]?.n ?? 1;
  const to = window.asked.at(-1)?.n ?? from;
  let reason = '';
  for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
    const name = `${chainId}, sentences ${from} to ${to}`;
    const paid = await cached.call(request, (call) => ({ ...call, chainId, from, to, attempt }), name);
    if ('refused' in paid) return { reason: paid.refused.message };
    const ended = replyOutcome(paid.reply);
    // A retry would give the same result.
    if (ended === 'blocked' || ended === 'refused') return { reason: `The reply is ${formatOutcome(ended)}.` };
    const answer = readAnswer(pieceText(paid.reply), window);
    if ('labels' in answer) return answer;
    reason = `${truncation(paid.reply)}${answer.problem}`;
    request = requestFor(judge, again(request.messages, pieceText(paid.reply), reason), window, attempt + 1);
  }
  return { reason };
}

function requestFor(
  { host, model, sampling }: Judge,
  messages: ChatMessage[],
  window: JudgeWindow,
  attempt: number,
): CallRequest {
  return { host, model, messages, sampling, seed: seedOf('judge', attempt), schema: answerSchema(window) };
}

function truncation(reply: CallReply): string {
  return replyOutcome(reply) === 'truncated'
    ? `The answer is truncated after ${plural(reply.usage.completion, 'token')}. `
    : '';
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
