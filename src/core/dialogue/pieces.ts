import type { ChainClass, Outcome } from '../schemas/index.ts';

export type AnswerPiece = `answer[${number}]`;
type CheckPiece = `check[${number}]`;
export type DialoguePiece = AnswerPiece | CheckPiece | 'summary';

/** The pieces of a chain with `turns` answers in their order: answer[1], check[1], answer[2], …, answer[h], summary. */
export function piecesOf(turns: number): DialoguePiece[] {
  const pieces: DialoguePiece[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    pieces.push(`answer[${turn}]`);
    if (turn < turns) pieces.push(`check[${turn}]`);
  }
  return [...pieces, 'summary'];
}

/** 3 for `answer[3]` and `check[3]`; undefined for other pieces. */
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

/** The piece's prompt file without `.md`. All answers after the first share one, as do all checks. */
export function promptFileOf(piece: DialoguePiece): string {
  if (isCheck(piece)) return 'check';
  if (piece === 'summary') return 'summary';
  return piece === 'answer[1]' ? 'answer-1' : 'answer-2';
}

/** The class of a chain from its first and last answer (method.md, "Classes"); undefined unless both are correct or incorrect. */
export function classOf(first: Outcome, last: Outcome): ChainClass | undefined {
  const letter = { correct: 'T', incorrect: 'F' } as const;
  if ((first !== 'correct' && first !== 'incorrect') || (last !== 'correct' && last !== 'incorrect')) return undefined;
  return `${letter[first]}${letter[last]}`;
}
