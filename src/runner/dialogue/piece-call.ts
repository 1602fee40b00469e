import { type DialoguePiece, isAnswer, isCheck, piecesOf, turnOf } from '../../core/dialogue/index.ts';
import type { ChatMessage, DialogueSettings, Problem, Verdict } from '../../core/schemas/index.ts';
import type { Asked, AskFor } from '../calls/asker.ts';

export type Graded = Asked & { verdict: Verdict };

/** The requested pieces of one chain; answers and summary are graded. */
export type SoFar = { [Piece in DialoguePiece]?: Asked | Graded };

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth'];

/**
 * The call of a piece: prompt values, preceding calls, the chat so far in dialogue mode, and the trusted answer in hinted mode, but never for
 * answer[1].
 * @throws Error when a preceding piece is missing.
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
    if (!asked) throw new Error(`${piece} requires ${name}, which has not been requested`);
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
    // Two chats may reach the same answer.
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

/** The chat with the model's answer. */
function after(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  return [...messages, { role: 'assistant', content: text }];
}
