import type { ChainClass, Outcome } from '../model/index.ts';

export type AnswerPiece = `answer[${number}]`;
export type CheckPiece = `check[${number}]`;
export type DialoguePiece = AnswerPiece | CheckPiece | 'summary';

/** The pieces of a chain of `turns` answers in the order in which it is read: answer[1], check[1], answer[2], …, answer[h], summary. */
export function piecesOf(turns: number): DialoguePiece[] {
  const pieces: DialoguePiece[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    pieces.push(`answer[${turn}]`);
    if (turn < turns) pieces.push(`check[${turn}]`);
  }
  return [...pieces, 'summary'];
}

/** The turn of `answer[3]` or `check[3]`, 3; undefined for other pieces. */
export function turnOf(piece: string): number | undefined {
  const turn = /^(?:answer|check)\[(\d+)\]$/.exec(piece)?.[1];
  return turn === undefined ? undefined : Number(turn);
}

export function isAnswer(piece: string): piece is AnswerPiece {
  return piece.startsWith('answer[');
}

export function isCheck(piece: string): piece is CheckPiece {
  return piece.startsWith('check[');
}

/** The name of the piece's instruction file in a prompt set, without `.md`: all answers after the first share one, as do all checks. */
export function promptFileOf(piece: DialoguePiece): string {
  if (isCheck(piece)) return 'check';
  if (piece === 'summary') return 'summary';
  return piece === 'answer[1]' ? 'answer-1' : 'answer-2';
}

/**
 * The class of a chain from the grading of its first and last answer (method.md, "Classes").
 * Undefined when either could not be decided: such a pair is skipped, never counted as wrong.
 */
export function classOf(first: Outcome, last: Outcome): ChainClass | undefined {
  const letter = { correct: 'T', incorrect: 'F' } as const;
  if ((first !== 'correct' && first !== 'incorrect') || (last !== 'correct' && last !== 'incorrect')) return undefined;
  return `${letter[first]}${letter[last]}`;
}
