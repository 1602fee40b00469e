import { renderPrompt } from '../../dialogue/index.ts';
import type { ChatMessage } from '../../schemas/index.ts';
import type { JudgeWindow } from './windows.ts';

/** Name of the prompt file, without `.md`. */
export const JUDGE_PROMPT = 'judge';

/**
 * The messages for a window. They do not contain the gold answer.
 * @param problem Text of the problem.
 * @throws UserError `prompt` when the prompt file can't be used.
 */
export function judgeMessages(prompt: string, problem: string, { context, asked }: JudgeWindow): ChatMessage[] {
  return renderPrompt({ [JUDGE_PROMPT]: prompt }, JUDGE_PROMPT, {
    problem,
    context: context.length === 0 ? '(The solution begins here.)' : context.map(({ shown }) => `· ${shown}`).join('\n'),
    sentences: asked.map(({ n, shown }) => `[${n}] ${shown}`).join('\n'),
  });
}
