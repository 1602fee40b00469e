import { type DialoguePiece, isAnswer, isCheck, piecesOf, turnOf } from '../core/dialogue/index.ts';
import type { ChatMessage, DialogueSettings, Problem, Verdict } from '../core/model/index.ts';
import type { Asked, AskFor } from './asker.ts';

export type Graded = Asked & { verdict: Verdict };

/** The pieces of one chain that have been asked for; answers and summary are graded. */
export type SoFar = { [Piece in DialoguePiece]?: Asked | Graded };

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth'];

/**
 * The call of a piece: what its prompt is filled with, the calls that it builds on, the chat so far where asking is one dialogue, and the
 * trusted answer where the mode is hinted. answer[1] is never told it: it stays an honest attempt.
 * @throws Error when a piece that it builds on has not been asked for.
 */
export function callOf(
  problem: Problem,
  settings: Pick<DialogueSettings, 'asking' | 'mode' | 'turns'>,
  piece: DialoguePiece,
  index: number,
  soFar: SoFar,
): AskFor {
  const need = (name: DialoguePiece): Asked => {
    const asked = soFar[name];
    if (!asked) throw new Error(`${piece} builds on ${name}, which has not been asked for`);
    return asked;
  };
  const inDialogue = settings.asking === 'dialogue';
  const follow = (last: Asked): Pick<AskFor, 'history'> =>
    inDialogue ? { history: after(last.messages, last.text) } : {};
  const gold = settings.mode === 'hinted' && piece !== 'answer[1]' ? { gold: problem.answer } : {};
  const what = { problemId: problem.id, piece, index, ...gold };
  const text = problem.problem;
  if (isCheck(piece)) {
    const turn = turnOf(piece) ?? 1;
    const answer = need(`answer[${turn}]`);
    // Two chats may come to the same answer.
    const parents = inDialogue && turn > 1 ? [need(`check[${turn - 1}]`).key, answer.key] : [answer.key];
    return { ...what, values: { problem: text, answer: answer.text }, parents, ...follow(answer) };
  }
  if (isAnswer(piece)) {
    if (piece === 'answer[1]' || !inDialogue) return { ...what, values: { problem: text }, parents: [] };
    const check = need(`check[${(turnOf(piece) ?? 2) - 1}]`);
    return { ...what, values: { problem: text }, parents: [check.key], ...follow(check) };
  }
  const before = piecesOf(settings.turns)
    .slice(0, -1)
    .map((name) => ({ name, asked: need(name) }));
  const last = need(`answer[${settings.turns}]`);
  const values = {
    problem: text,
    first: need('answer[1]').text,
    check: need('check[1]').text,
    second: last.text,
    pieces: before.map(({ name, asked }) => `${headingOf(name)}:\n${asked.text}`).join('\n\n'),
  };
  return { ...what, values, parents: before.map(({ asked }) => asked.key), ...follow(last) };
}

function headingOf(piece: DialoguePiece): string {
  const ordinal = ORDINALS[(turnOf(piece) ?? 1) - 1] ?? '';
  return isCheck(piece) ? `Check of the ${ordinal.toLowerCase()} solution` : `${ordinal} solution`;
}

/** The chat after the model has answered. */
function after(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  return [...messages, { role: 'assistant', content: text }];
}
