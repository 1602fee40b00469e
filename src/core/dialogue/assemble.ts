import type { Segment } from '../model/index.ts';
import { unbox } from '../text/boxes.ts';
import { findMaths } from '../text/maths.ts';
import { jaccard } from '../text/ngrams.ts';
import { withoutVerdictLines } from './check-verdict.ts';
import { type AssembledClass, connectingSentence } from './connect.ts';
import { type DialoguePiece, PIECES } from './pieces.ts';

/** Above this word 5-gram Jaccard similarity a second right answer adds nothing and is left out (method.md, `independent`). */
const NEAR_REPEAT = 0.8;

/** A line that only names a piece, without its marks: `Answer 2:`, `### Second solution`, `**Check**`. */
const LABEL =
  /^(?:(?:first|second|final|another|new) )?(?:answer|solution|check|checking|verification|summary|attempt)(?: ?\d{1,2})?$/;
/** No label is longer; what is longer is not looked at, so that a hostile line costs nothing. */
const LONGEST_LABEL = 60;

/** The same name in front of the first sentence: `Answer 2: we have …`. */
const LEADING_LABEL =
  /^(?:\*\*|__)?(?:(?:first|second) )?(?:answer|solution|check|summary|attempt)(?: \d{1,2})?(?:\*\*|__)?:(?:\*\*|__)? ?/i;

/** Words that speak of somebody else's work. The chain has one voice. */
const SECOND_VOICE: readonly [RegExp, string][] = [
  [/\bthe (?:given|proposed|provided|stated|student'?s|above) (answer|solution)\b/g, 'my $1'],
  [/\bThe (?:given|proposed|provided|stated|student'?s|above) (answer|solution)\b/g, 'My $1'],
  [/\bthe (first|second) (solution|answer)\b/g, 'my $1 $2'],
  [/\bThe (first|second) (solution|answer)\b/g, 'My $1 $2'],
];

export interface AssembledChain {
  text: string;
  segments: Segment[];
  /** Where each connecting sentence stands, by the piece that it opens. */
  connections: { piece: DialoguePiece; start: number; end: number }[];
}

/**
 * Makes one chain of thought of the four pieces: labels, verdict lines and boxes outside the summary are taken out, and connecting
 * sentences of the class lead from piece to piece. Every character belongs to one segment; a gap between two pieces belongs to
 * the earlier one. Loss mask: answer[1] is not trained, everything else is (method.md, "Loss mask").
 */
export function assemble(
  chainId: string,
  chainClass: AssembledClass,
  raw: Readonly<Record<DialoguePiece, string>>,
): AssembledChain {
  const repeats = chainClass === 'TT' && jaccard(raw['answer[1]'], raw['answer[2]'], 5) > NEAR_REPEAT;
  const used = PIECES.filter((piece) => !(piece === 'answer[2]' && repeats));
  let text = '';
  const segments: Segment[] = [];
  const connections: AssembledChain['connections'] = [];
  for (const [i, piece] of used.entries()) {
    const start = text.length;
    const previous = used[i - 1];
    if (piece !== 'answer[1]' && previous) {
      const sentence = connectingSentence(chainClass, piece, previous, chainId);
      connections.push({ piece, start, end: start + sentence.length });
      text += `${sentence} `;
    }
    text += cleanPiece(piece, raw[piece]);
    if (i < used.length - 1) text += '\n\n';
    segments.push({ piece, start, end: text.length, train: piece !== 'answer[1]' });
  }
  return { text, segments, connections };
}

/** A piece in the voice of the chain. The summary keeps its box; in all others a box becomes its content. */
export function cleanPiece(piece: DialoguePiece, raw: string): string {
  let text = raw.replace(/\r\n?/g, '\n');
  if (piece === 'check[1]') text = withoutVerdictLines(text);
  text = withoutLabelLines(text).trim().replace(LEADING_LABEL, '');
  for (const [pattern, replacement] of SECOND_VOICE) text = text.replace(pattern, replacement);
  if (piece !== 'summary') {
    // A bare box is a formula of its own; what counts is whether one stands around it.
    const maths = findMaths(text);
    text = unbox(text, (offset) => maths.some((range) => range.start < offset && offset < range.end));
  }
  return text.replace(/\n{3,}/g, '\n\n').trim();
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
