import { renderPrompt } from '../../dialogue/index.ts';
import type { ChatMessage } from '../../schemas/index.ts';
import type { JudgeTask } from './task.ts';
import type { JudgeWindow } from './windows.ts';

/** Name of the prompt file of the second pass, without `.md`. */
export const SECOND_PASS_PROMPT = 'judge-second-pass';

const NO_PROBLEM = '(The problem is not given.)';

/**
 * The messages for a window. They do not contain the gold answer.
 * @param prompt text of the task's prompt file.
 * @param problem text of the problem; undefined when the chain has none.
 * @throws UserError `prompt` when the prompt file can't be used.
 */
export function judgeMessages(
  { prompt: name }: Pick<JudgeTask<unknown>, 'prompt'>,
  prompt: string,
  problem: string | undefined,
  { context, asked }: JudgeWindow,
): ChatMessage[] {
  return renderPrompt({ [name]: prompt }, name, {
    problem: problem ?? NO_PROBLEM,
    context: context.length === 0 ? '(The solution begins here.)' : context.map(({ shown }) => `· ${shown}`).join('\n'),
    sentences: asked.map(({ n, shown }) => `[${n}] ${shown}`).join('\n'),
  });
}

/**
 * The messages of the second pass: the first request, its labels as they were read, and the text of the second pass. The reply itself is not in it.
 * @param prompt text of the prompt file of the second pass.
 * @throws UserError `prompt` when the prompt file can't be used.
 */
export function secondPassMessages<T>(
  { written }: JudgeTask<T>,
  prompt: string,
  problem: string | undefined,
  { first, labels }: { first: readonly ChatMessage[]; labels: ReadonlyMap<number, T> },
): ChatMessage[] {
  const own = Object.fromEntries([...labels].map(([n, label]) => [n, written(label)]));
  return [
    ...first,
    { role: 'assistant', content: JSON.stringify({ labels: own }) },
    ...renderPrompt({ [SECOND_PASS_PROMPT]: prompt }, SECOND_PASS_PROMPT, { problem: problem ?? NO_PROBLEM }),
  ];
}
