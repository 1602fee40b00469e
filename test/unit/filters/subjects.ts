import { type FilterContext, type FilterSubject, runFilters } from '../../../src/core/filters/index.ts';
import {
  type FilterId,
  type FilterResult,
  FilterSettings,
  type PieceRecord,
  type Verdict,
} from '../../../src/core/schemas/index.ts';

export const right: Verdict = { outcome: 'correct', method: 'number', extracted: '15' };
export const wrong: Verdict = { outcome: 'incorrect', method: 'number', extracted: '14' };
export const PROBLEM = 'Seven birds sit on a wall and eight more come. How many birds are there?';

const pieces: PieceRecord[] = [
  { piece: 'answer[1]', text: 'Seven and eight make fourteen, so \\boxed{14}.', verdict: wrong, finish: 'stop' },
  { piece: 'check[1]', text: 'Fourteen is twice seven, and eight is more than seven.\nVerdict: wrong', finish: 'stop' },
  { piece: 'answer[2]', text: 'Seven and three is ten, five more: \\boxed{15}.', verdict: right, finish: 'stop' },
  { piece: 'summary', text: 'From fifteen take eight: seven is left. \\boxed{15}', verdict: right, finish: 'stop' },
];

/** A chain of these pieces. */
export function chainOf(own: readonly PieceRecord[], change: Partial<FilterSubject> = {}): FilterSubject {
  let text = '';
  const segments = own.map(({ piece, text: part }, i) => {
    const start = text.length;
    text += part + (i < own.length - 1 ? '\n\n' : '');
    return { piece, start, end: text.length, train: piece !== 'answer[1]' };
  });
  const verdict = own.at(-1)?.verdict ?? right;
  return { class: 'FT', text, problem: PROBLEM, pieces: own, segments, verdict, ...change };
}

/** A chain of two turns, wrong then right, that passes every filter. */
export const good = chainOf(pieces);

/** The good chain with one piece changed. */
export function withPiece(
  name: string,
  change: Partial<PieceRecord>,
  rest: Partial<FilterSubject> = {},
): FilterSubject {
  return chainOf(
    pieces.map((piece) => (piece.piece === name ? { ...piece, ...change } : piece)),
    rest,
  );
}

/** An imported trace, or a response of stage 2: a text without pieces. */
export function response(text: string, change: Partial<FilterSubject> = {}): FilterSubject {
  return { text, problem: PROBLEM, verdict: right, ...change };
}

/** Three turns: wrong, wrong, right. */
export const threeTurns = chainOf([
  ...pieces.slice(0, 2),
  {
    piece: 'answer[2]',
    text: 'Eight and eight is sixteen, so it is \\boxed{16}.',
    verdict: { ...wrong, extracted: '16' },
    finish: 'stop',
  },
  {
    piece: 'check[2]',
    text: 'There are seven on the wall at first, and eight was taken twice.\nVerdict: wrong',
    finish: 'stop',
  },
  { piece: 'answer[3]', text: 'Seven and three is ten, five more: \\boxed{15}.', verdict: right, finish: 'stop' },
  ...pieces.slice(3),
]);

/** The result of one filter. Undefined where it does not apply. */
export function resultOf(
  id: FilterId,
  subject: FilterSubject,
  settings: Partial<FilterSettings> = {},
  context: FilterContext = {},
): FilterResult | undefined {
  return runFilters(subject, FilterSettings.parse(settings), context).find((result) => result.id === id);
}

/** Ids of the filters that fail. */
export function failing(subject: FilterSubject, context: FilterContext = {}): string[] {
  const results = runFilters(subject, FilterSettings.parse({}), context);
  return results.filter(({ passed }) => !passed).map(({ id }) => id);
}

/** The text at the places of a result. */
export function placesOf(subject: FilterSubject, result: FilterResult | undefined): string[] {
  return (result?.at ?? []).map(({ start, end, piece }) => {
    const text =
      piece === undefined ? subject.text : (subject.pieces?.find((each) => each.piece === piece)?.text ?? '');
    return text.slice(start, end);
  });
}
