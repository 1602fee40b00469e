import { seedOf } from '../../core/dialogue/index.ts';
import {
  again,
  answerSchema,
  type JudgeWindow,
  judgeMessages,
  readAnswer,
  type WindowResult,
} from '../../core/judge/index.ts';
import type { CallReply, CallRequest, ChatMessage, Judge, JudgeCall } from '../../core/model/index.ts';
import { pieceText } from '../asker.ts';
import type { Payer } from '../payer.ts';

/** Answers asked for before a window is given up. */
export const MOST_TRIES = 3;

/** The first request of a window. Chains that begin with the same text share it, and it is paid for once. */
export function firstRequest(judge: Judge, prompt: string, problem: string, window: JudgeWindow): CallRequest {
  return requestFor(judge, judgeMessages(prompt, problem, window), window, 1);
}

/**
 * Asks about one window until the answer can be used, at most three times, each time saying what was wrong with the answer before.
 * @throws ModelError when going on makes no sense; PromptError when the prompt file can't be used.
 */
export async function judgeWindow(
  payer: Payer<JudgeCall>,
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
    const paid = await payer.call(request, (call) => ({ ...call, chainId, from, to, attempt }), name);
    if ('refused' in paid) return { reason: paid.refused.message };
    const answer = readAnswer(pieceText(paid.reply), window);
    if ('labels' in answer) return answer;
    reason = `${cutOff(paid.reply)}${answer.problem}`;
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

function cutOff({ finish, usage }: CallReply): string {
  return finish === 'length' ? `The answer was cut off after ${usage.completion} tokens. ` : '';
}
