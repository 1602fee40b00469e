import { seedOf } from '../../core/dialogue/index.ts';
import {
  answerSchema,
  type JudgeTask,
  type JudgeWindow,
  judgeMessages,
  judgeWindows,
  numberSentences,
  readAnswer,
  secondPassMessages,
  type WindowResult,
} from '../../core/review/judge/index.ts';
import type { CallRequest, Chain, Judge, JudgeCall, JudgeSettings } from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import { validReply } from '../calls/valid-reply.ts';

const JUDGE_SEED = 'judge';

/** What a judge is asked, with the texts of its prompt files. */
export interface JudgeQuestion<T> {
  judge: Judge;
  task: JudgeTask<T>;
  prompt: string;
  /** Undefined without a second pass. */
  secondPrompt: string | undefined;
}

/** A window of a text whose problem may be unknown. */
export interface AskedWindow {
  /** Of the chain or text. */
  id: string;
  problem: string | undefined;
  window: JudgeWindow;
}

/** The first request of a window. Chains with the same beginning share it, and it is paid once. */
export function firstRequest<T>(
  { judge: { host, model, sampling }, task, prompt }: JudgeQuestion<T>,
  { problem, window }: AskedWindow,
): CallRequest {
  const messages = judgeMessages(task, prompt, problem, window);
  return { host, model, messages, sampling, seed: seedOf(JUDGE_SEED, 1), schema: answerSchema(window, task) };
}

/** The request of the second pass; undefined if there is none. */
export function secondRequest<T>(
  { task, secondPrompt }: JudgeQuestion<T>,
  { problem }: AskedWindow,
  { messages: first, ...request }: CallRequest,
  labels: ReadonlyMap<number, T>,
): CallRequest | undefined {
  if (secondPrompt === undefined) return undefined;
  return { ...request, messages: secondPassMessages(task, secondPrompt, problem, { first, labels }) };
}

/**
 * Requests the labels of one window, and with a second pass their revision. Each is requested at most three times, each time with the problem of
 * the previous answer.
 * @throws ModelError when continuing is useless; UserError `prompt` when the prompt file can't be used.
 */
export async function judgeWindow<T>(
  cached: Pick<CachedClient<JudgeCall>, 'call'>,
  question: JudgeQuestion<T>,
  asked: AskedWindow,
): Promise<WindowResult<T>> {
  const request = firstRequest(question, asked);
  const first = await askLabels(cached, question, asked, request);
  if ('reason' in first) return first;
  const second = secondRequest(question, asked, request, first.value);
  if (second === undefined) return { labels: first.value };
  const revised = await askLabels(cached, question, asked, second, 2);
  if ('reason' in revised) return { labels: first.value, unconfirmed: revised.reason };
  return { labels: revised.value, first: first.value };
}

function askLabels<T>(
  cached: Pick<CachedClient<JudgeCall>, 'call'>,
  { task }: JudgeQuestion<T>,
  { id: chainId, window }: AskedWindow,
  request: CallRequest,
  pass?: 2,
): Promise<{ value: ReadonlyMap<number, T> } | { reason: string }> {
  const from = window.asked[0]?.n ?? 1;
  const to = window.asked.at(-1)?.n ?? from;
  return validReply(cached, request, {
    read: (text) => readAnswer(text, window, task),
    lineOf: (call, attempt) => ({ ...call, chainId, from, to, ...(pass && { pass }), attempt }),
    name: `${chainId}, sentences ${from} to ${to}${pass ? ', second pass' : ''}`,
    seed: JUDGE_SEED,
  });
}

/** A chain for a judge: its text in windows, without the trusted answer and the verdicts. */
export interface JudgedChain {
  chain: Chain;
  sentences: number;
  windows: AskedWindow[];
}

/** @throws StoreError `unknown-chain` or `unknown-problem` */
export async function chainToJudge(dataset: Dataset, chainId: string, settings: JudgeSettings): Promise<JudgedChain> {
  const chain = await dataset.chain(chainId);
  const { problem } = await dataset.problem(chain.problemId);
  const sentences = numberSentences(chain.text);
  const windows = judgeWindows(sentences, settings).map((window) => ({ id: chainId, problem, window }));
  return { chain, sentences: sentences.length, windows };
}
