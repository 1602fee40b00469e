import type { AssembledChain } from '../dialogue/assemble.ts';
import { isCheck } from '../dialogue/pieces.ts';
import type { Behaviour, Span } from '../model/index.ts';
import { type Sentence, splitSentences } from './sentences.ts';

/** A piece's place is known; where in the piece the act stands is not quite. */
const PIECE_CONFIDENCE = 0.8;
type Draft = Omit<Span, 'id'>;

/** The connecting sentence turns away from what was said before. */
const TURNS_BACK =
  /\b(?:wait|hmm|oh|no)\b[,.—– ]+(?:no\b|that(?:'s| is| can(?:'t|not)| does(?:n't| not))|this (?:is|can(?:'t|not)|does(?:n't| not))|i (?:made|was|forgot|missed|think i)|maybe i)|\bi (?:made|must have made) (?:a|an) (?:mistake|error)\b|\b(?:that|this) (?:is not|isn't|can't be|cannot be|is) (?:right|wrong|correct|possible|impossible)\b(?<!is right|is correct|is possible)|\blet(?:'s| me) (?:start (?:over|again)|go back|back up|redo|reconsider|try (?:again|another|a different))\b|\b(?:this|that) (?:approach|method|way|path) (?:does(?:n't| not)|won't|will not|is not|isn't) work/i;

/**
 * Spans of a chain of our own, from its pieces: the check verifies, turning away from a wrong answer is backtracking, the opening
 * of an answer that plans is a subgoal, the summary up to its final sentence reasons backwards.
 */
export function pieceSpans(chain: AssembledChain): Span[] {
  const { text, segments, connections } = chain;
  const drafts: Draft[] = [];
  const add = (kind: Behaviour, start: number, end: number): void => {
    if (end > start) drafts.push({ kind, start, end, source: 'piece', confidence: PIECE_CONFIDENCE });
  };
  for (const segment of segments) {
    const sentences = within(text, segment.start, segment.end);
    const first = sentences[0];
    const last = sentences.at(-1);
    if (!first || !last) continue;
    const connection = connections.find((candidate) => candidate.piece === segment.piece);
    if (isCheck(segment.piece)) add('verification', first.start, last.textEnd);
    else if (segment.piece === 'summary') {
      const end = sentences.length > 1 ? (sentences.at(-2)?.textEnd ?? last.textEnd) : last.textEnd;
      add('backward', first.start, end);
    } else {
      if (connection && TURNS_BACK.test(text.slice(connection.start, connection.end))) {
        add('backtracking', connection.start, connection.end);
      }
      const opening = sentences.find((sentence) => sentence.start >= (connection?.end ?? segment.start));
      if (opening && PLANS.test(text.slice(opening.start, opening.textEnd)))
        add('subgoal', opening.start, opening.textEnd);
    }
  }
  return numbered(drafts);
}

/** Inside an answer, whose place in the chain is known, weaker words are enough to call its opening a plan. */
const PLANS =
  /\b(?:first|plan|goal|need to|step|then|subgoal|let me (?:find|split|write|set)|i will|we will|we need)\b/i;

function within(text: string, start: number, end: number): Sentence[] {
  return splitSentences(text.slice(start, end)).map((sentence) => ({
    start: sentence.start + start,
    end: sentence.end + start,
    textEnd: sentence.textEnd + start,
  }));
}

function numbered(drafts: Draft[]): Span[] {
  return drafts
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((draft, i) => ({ id: `${draft.source.charAt(0)}${i + 1}`, ...draft }));
}
