import type { ChainClass, Outcome, PieceName } from '../model/index.ts';

/** `answer[1]`, `check[1]`, `answer[2]`, `summary`: the order in which a chain of two turns is read. */
export const PIECES = ['answer[1]', 'check[1]', 'answer[2]', 'summary'] as const satisfies readonly PieceName[];
export type DialoguePiece = (typeof PIECES)[number];

/** The name of the piece's instruction file in a prompt set, without `.md`. */
export const PROMPT_FILE: Record<DialoguePiece, string> = {
  'answer[1]': 'answer-1',
  'check[1]': 'check',
  'answer[2]': 'answer-2',
  summary: 'summary',
};

/**
 * The class of a chain from the grading of its first and last answer (method.md, "Classes").
 * Undefined when either could not be decided: such a pair is skipped, never counted as wrong.
 */
export function classOf(first: Outcome, last: Outcome): ChainClass | undefined {
  const letter = { correct: 'T', incorrect: 'F' } as const;
  if ((first !== 'correct' && first !== 'incorrect') || (last !== 'correct' && last !== 'incorrect')) return undefined;
  return `${letter[first]}${letter[last]}`;
}
