import { renderPrompt } from '../dialogue/index.ts';
import type { ChatMessage } from '../model/index.ts';
import type { JudgeWindow } from './windows.ts';

/** Name of the prompt file, without `.md`. */
export const JUDGE_PROMPT = 'judge';

/** Characters of a bad answer that are shown to the model again: enough to see what went wrong. */
const QUOTED = 2_000;

/**
 * The messages that ask about a window. `problem` is the problem's text; the trusted answer is no part of it, and nobody gives it to a judge.
 * @throws PromptError when the prompt file can't be used.
 */
export function judgeMessages(prompt: string, problem: string, { context, asked }: JudgeWindow): ChatMessage[] {
  return renderPrompt({ [JUDGE_PROMPT]: prompt }, JUDGE_PROMPT, {
    problem,
    context: context.length === 0 ? '(The solution begins here.)' : context.map(({ shown }) => `· ${shown}`).join('\n'),
    sentences: asked.map(({ n, shown }) => `[${n}] ${shown}`).join('\n'),
  });
}

/** The messages of the next try: what was asked, what came, and what is wrong with it. */
export function again(messages: readonly ChatMessage[], reply: string, problem: string): ChatMessage[] {
  const quoted = reply
    .trim()
    .slice(0, QUOTED)
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  return [
    ...messages,
    { role: 'assistant', content: quoted === '' ? '(nothing)' : quoted },
    { role: 'user', content: `That can't be used. ${problem}\n\nWrite the whole JSON object again, and nothing else.` },
  ];
}
