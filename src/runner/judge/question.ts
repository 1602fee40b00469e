import { defined } from '../../core/defined.ts';
import { type JudgeTask, SECOND_PASS_PROMPT } from '../../core/review/judge/index.ts';
import { hostOf, type JudgeCall, type JudgeSettings, type ModelRef } from '../../core/schemas/index.ts';
import { ModelError } from '../../models/errors.ts';
import { journalKey } from '../../models/key.ts';
import type { CallEstimate } from '../calls/call-estimate.ts';
import type { Journal } from '../calls/journal.ts';
import { promptsHash } from '../plan-round.ts';
import { type AskedWindow, firstRequest, type JudgeQuestion, judgeWindow, secondRequest } from './window.ts';

/** Tokens of an answer without reasoning: its frame, and a number with a list of kinds for each sentence. */
const TOKENS_OF_FRAME = 10;
const TOKENS_OF_SENTENCE = 8;

const NOT_PAID = new ModelError('bad-request', 'It is not paid.', { advice: '' });

/** What a model is asked about a task. @param readPrompt reads a prompt file by its name without `.md` */
export async function judgeQuestion<T>(
  task: JudgeTask<T>,
  model: ModelRef,
  { sentences, context, sampling, secondPass }: JudgeSettings,
  readPrompt: (name: string) => Promise<string>,
): Promise<JudgeQuestion<T>> {
  const prompt = await readPrompt(task.prompt);
  const secondPrompt = secondPass ? await readPrompt(SECOND_PASS_PROMPT) : undefined;
  const judge = {
    host: hostOf(model),
    model: model.model,
    prompt: promptsHash({ [task.prompt]: prompt }),
    ...defined({
      secondPass: secondPrompt === undefined ? undefined : promptsHash({ [SECOND_PASS_PROMPT]: secondPrompt }),
    }),
    sentences,
    context,
    sampling,
  };
  return { judge, task, prompt, secondPrompt };
}

/** Completion tokens per sentence in the journaled calls of a model; a reasoning model writes many times its answer. Undefined without a call. */
export async function measuredTokens(
  calls: AsyncIterable<JudgeCall>,
  { host, model }: Pick<JudgeCall['request'], 'host' | 'model'>,
): Promise<number | undefined> {
  let tokens = 0;
  let sentences = 0;
  for await (const { request, reply, from, to } of calls) {
    if (request.host !== host || request.model !== model) continue;
    tokens += reply.usage.completion;
    sentences += to - from + 1;
  }
  return sentences === 0 ? undefined : tokens / sentences;
}

/** Adds the calls of a window to an estimate. @param ofSentence completion tokens as measured; without reasoning when undefined */
export async function estimateWindow<T>(
  calls: CallEstimate,
  journal: Journal<JudgeCall>,
  question: JudgeQuestion<T>,
  asked: AskedWindow,
  ofSentence: number | undefined,
): Promise<void> {
  const sentences = asked.window.asked.length;
  const tokens = ofSentence === undefined ? TOKENS_OF_FRAME + TOKENS_OF_SENTENCE * sentences : ofSentence * sentences;
  const first = firstRequest(question, asked);
  calls.add(first, tokens);
  if (question.secondPrompt === undefined) return;
  const paid = await paidLabels(journal, question, asked);
  if (paid === 'failed') return;
  // Labels that are not known yet have about the length of the answer, which is short beside the prompt.
  const second = secondRequest(question, asked, first, paid);
  if (second !== undefined) calls.add(second, tokens);
}

/** The labels of the first pass by the journal: none if they are not paid yet, `failed` if no paid answer can be used. */
async function paidLabels<T>(
  journal: Journal<JudgeCall>,
  question: JudgeQuestion<T>,
  asked: AskedWindow,
): Promise<ReadonlyMap<number, T> | 'failed'> {
  let isPaid = true;
  const call = async (request: JudgeCall['request']) => {
    const key = journalKey(request);
    const paid = await journal.get(key);
    if (paid) return { key, reply: paid.reply };
    isPaid = false;
    return { key, refused: NOT_PAID };
  };
  const result = await judgeWindow({ call }, { ...question, secondPrompt: undefined }, asked);
  if ('labels' in result) return result.labels;
  return isPaid ? 'failed' : new Map();
}
