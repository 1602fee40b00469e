import { z } from 'zod';
import type { Chain, Segment } from '../schemas/index.ts';

/**
 * Where a row has the thought of a chain. `plain`: before the answer, as one text. `tags`: in `<think>…</think>` before the answer.
 * `reasoning_content`, `thinking`: a member of the assistant's message beside `content`.
 */
export const ReasoningForm = z.enum(['plain', 'tags', 'reasoning_content', 'thinking']);
export type ReasoningForm = z.infer<typeof ReasoningForm>;

/** Chains written by pieces. `thought`: all before the summary is the thought. `answer`: all is the answer. */
export const PiecesAs = z.enum(['answer', 'thought']);
export type PiecesAs = z.infer<typeof PiecesAs>;

/** How the rows of an export keep the thought. */
export const Reasoning = z.object({ form: ReasoningForm, pieces: PiecesAs });
export type Reasoning = z.infer<typeof Reasoning>;

export const PLAIN: Reasoning = { form: 'plain', pieces: 'answer' };

/** The thought is `[0, thoughtEnd)` of a text, the answer `[answerStart, length)`, in UTF-16 code units. Only white space lies between. */
export interface Boundary {
  thoughtEnd: number;
  answerStart: number;
}

/**
 * Where the thought of a chain ends; undefined if it has none. The answer begins with the first summary or response, if only continuations follow. It is
 * empty where all of the chain is known to be a thought, which no edit ends.
 * @param text The chain's text, which may be edited.
 * @param segments Of this text.
 */
export function thoughtBoundary(
  { text, segments }: { text: string; segments: readonly Segment[] },
  chain: Pick<Chain, 'text' | 'pieces'>,
  pieces: PiecesAs,
): Boundary | undefined {
  const whole = text.trimEnd().length;
  if (whole > 0 && chain.pieces.at(-1)?.onlyThought) return { thoughtEnd: whole, answerStart: text.length };
  const isAnswer = ({ piece }: Segment): boolean => piece === 'summary' || piece === 'response';
  const answer = segments.findIndex(isAnswer);
  const isLast = segments.slice(answer).every((segment) => isAnswer(segment) || segment.piece === 'continuation');
  const byPieces = segments.some(({ piece }) => piece.startsWith('answer[') || piece.startsWith('check['));
  if (byPieces && pieces === 'answer') return undefined;
  const start = answer === -1 ? importedAnswer(text, chain) : isLast ? segments[answer]?.start : undefined;
  if (start === undefined || start === 0) return undefined;
  const thoughtEnd = text.slice(0, start).trimEnd().length;
  const answerStart = text.length - text.slice(start).trimStart().length;
  return thoughtEnd === 0 || answerStart === text.length ? undefined : { thoughtEnd, answerStart };
}

/** Traces of earlier imports have one segment. Their pieces are still known, and are the text unless it is edited. */
function importedAnswer(text: string, chain: Pick<Chain, 'text' | 'pieces'>): number | undefined {
  const [thought, answer, ...more] = chain.pieces;
  if (thought?.piece !== 'trace' || answer?.piece !== 'summary' || more.length > 0 || text !== chain.text)
    return undefined;
  const start = text.length - answer.text.length;
  return text.endsWith(answer.text) && text.slice(0, start).trimEnd() === thought.text ? start : undefined;
}
