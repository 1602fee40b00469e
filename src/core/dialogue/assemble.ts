import type { PieceRecord, Segment } from '../schemas/index.ts';
import { unbox, withoutOpenBoxes } from '../text/boxes.ts';
import { findMaths } from '../text/maths.ts';
import { jaccard } from '../text/ngrams.ts';
import { withoutVerdicts } from './check-verdict.ts';
import { type AssembledClass, type Connectives, connectingSentence } from './connect.ts';
import { type DialoguePiece, isAnswer, turnOf } from './pieces.ts';

/** A second right answer with a higher word 5-gram Jaccard similarity is excluded (method.md, `independent`). */
const NEAR_REPEAT = 0.8;

/** A line that only names a piece, without punctuation: `Answer 2:`, `### Second solution`, `**Check**`. */
const LABEL =
  /^(?:(?:first|second|final|another|new) )?(?:answer|solution|check|checking|verification|summary|attempt)(?: ?\d{1,2})?$/;
/** Longer lines are not matched, so that hostile lines cost nothing. */
const LONGEST_LABEL = 60;

/** The same name before the first sentence: `Answer 2: we have …`. */
const LEADING_LABEL =
  /^(?:\*\*|__)?(?:(?:first|second) )?(?:answer|solution|check|summary|attempt)(?: \d{1,2})?(?:\*\*|__)?:(?:\*\*|__)? ?/i;

/** Phrases about another person's work, or numbered pieces, in the first person of the chain. */
const SECOND_VOICE: readonly [RegExp, string][] = [
  [/\bthe (?:given|proposed|provided|stated|student'?s|above) (answer|solution)\b/g, 'my $1'],
  [/\bThe (?:given|proposed|provided|stated|student'?s|above) (answer|solution)\b/g, 'My $1'],
  [/\bthe (first|second|third|fourth|fifth|last) (solution|answer)\b/g, 'my $1 $2'],
  [/\bThe (first|second|third|fourth|fifth|last) (solution|answer)\b/g, 'My $1 $2'],
];

/** A piece as the model wrote it; an answer with its verdict. */
export type RawPiece = Pick<PieceRecord, 'piece' | 'text' | 'verdict'>;

export interface AssemblyOptions {
  /** Pieces outside the loss. Default: answer[1] (method.md, "Loss mask"). */
  untrained?: readonly string[];
  connectives?: Connectives;
}

/** “Answer 2” with a capital letter names a piece; in lower case it may be a value. */
const COUNTED = /\b(?:[Tt]he |[Mm]y )?(Answer|Solution) #?([1-5])\b(?![.,]?\d)/g;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

export interface AssembledChain {
  text: string;
  segments: Segment[];
  /** The connecting sentences, each with the piece that it opens. */
  connections: { piece: DialoguePiece; start: number; end: number }[];
}

/**
 * Joins pieces, in the order of `piecesOf`, to one chain of thought. Removes labels, verdict lines and boxes outside the summary, and
 * inserts connecting sentences of the class. Every character belongs to one segment; a gap belongs to the segment before it.
 */
export function assemble(
  chainId: string,
  chainClass: AssembledClass,
  pieces: readonly RawPiece[],
  { untrained = ['answer[1]'], connectives }: AssemblyOptions = {},
): AssembledChain {
  const used = withoutRepeats(chainClass, pieces);
  let text = '';
  const segments: Segment[] = [];
  const connections: AssembledChain['connections'] = [];
  const answers: boolean[] = [];
  for (const [i, { piece: name, text: raw, verdict }] of used.entries()) {
    const piece = name as DialoguePiece;
    const start = text.length;
    if (piece !== 'answer[1]') {
      const sentence = connectingSentence({ class: chainClass, piece, answers }, chainId, connectives);
      connections.push({ piece, start, end: start + sentence.length });
      text += `${sentence} `;
    }
    text += cleanPiece(piece, raw);
    if (i < used.length - 1) text += '\n\n';
    segments.push({ piece, start, end: text.length, train: !untrained.includes(piece) });
    if (isAnswer(piece)) answers.push(verdict?.outcome === 'correct');
  }
  return { text, segments, connections };
}

/** Removes right answers of a TT chain that nearly repeat an earlier one, with their checks. */
function withoutRepeats(chainClass: AssembledClass, pieces: readonly RawPiece[]): readonly RawPiece[] {
  if (chainClass !== 'TT') return pieces;
  const kept: string[] = [];
  const repeated = new Set<number>();
  for (const { piece, text, verdict } of pieces) {
    const turn = isAnswer(piece) ? turnOf(piece) : undefined;
    if (turn === undefined || verdict?.outcome !== 'correct') continue;
    if (kept.some((earlier) => jaccard(earlier, text, 5) > NEAR_REPEAT)) repeated.add(turn);
    else kept.push(text);
  }
  return pieces.filter(({ piece }) => !repeated.has(turnOf(piece) ?? 0));
}

/** The text of a piece in the first person. Only the summary keeps its box. */
export function cleanPiece(piece: DialoguePiece, raw: string): string {
  let text = withoutVerdicts(raw.replace(/\r\n?/g, '\n'));
  text = withoutLabelLines(text).trim().replace(LEADING_LABEL, '');
  for (const [pattern, replacement] of SECOND_VOICE) text = text.replace(pattern, replacement);
  text = text.replace(COUNTED, (_, what: string, n: string) => `my ${ORDINALS[Number(n) - 1]} ${what.toLowerCase()}`);
  if (piece !== 'summary') text = unboxed(text);
  // A verdict may have been inside a box.
  return withoutVerdicts(text)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The text with the content of its boxes in their place. A box that is not inside maths becomes a formula of its own. */
export function unboxed(text: string): string {
  const maths = findMaths(text);
  return withoutOpenBoxes(unbox(text, (offset) => maths.some((range) => range.start < offset && offset < range.end)));
}

function withoutLabelLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (isLabel(line) ? '' : line))
    .join('\n');
}

function isLabel(line: string): boolean {
  const trimmed = line.trim();
  if (trimmed.length > LONGEST_LABEL) return false;
  const bare = trimmed.replace(/[*_#>:.\s]+/g, ' ').trim();
  return LABEL.test(bare.toLowerCase());
}
