import type { AssembledChain } from '../dialogue/assemble.ts';
import { isCheck } from '../dialogue/pieces.ts';
import type { Behaviour, Span } from '../schemas/index.ts';
import { type Sentence, splitSentences } from './sentences.ts';

/** The piece is known, but not the exact place of the act in it. */
const PIECE_CONFIDENCE = 0.8;
type Draft = Omit<Span, 'id'>;
type Place = Pick<Sentence, 'start' | 'textEnd'>;

/** A connecting sentence that rejects the text before it. */
const TURNS_BACK =
  /\b(?:wait|hmm|oh|no)\b[,.—– ]+(?:no\b|that(?:'s| is| can(?:'t|not)| does(?:n't| not))|this (?:is|can(?:'t|not)|does(?:n't| not))|i (?:made|was|forgot|missed|think i)|maybe i)|\bi (?:made|must have made) (?:a|an) (?:mistake|error)\b|\b(?:that|this) (?:is not|isn't|can't be|cannot be|is) (?:right|wrong|correct|possible|impossible)\b(?<!is right|is correct|is possible)|\blet(?:'s| me) (?:start (?:over|again)|go back|back up|redo|reconsider|try (?:again|another|a different))\b|\b(?:this|that) (?:approach|method|way|path) (?:does(?:n't| not)|won't|will not|is not|isn't) work/i;

/**
 * The spans of an assembled chain from its pieces: a check is verification, a connecting sentence that rejects an answer is backtracking, a
 * plan at the start of an answer is a subgoal, the summary without its last sentence is backward reasoning. The acts of a check are its opening
 * and its outcome; of the others every sentence is an act.
 */
export function pieceSpans(chain: AssembledChain): Span[] {
  const { text, segments, connections } = chain;
  const drafts: Draft[] = [];
  const add = (kind: Behaviour, sentences: readonly Place[], acts: readonly Place[] = sentences): void => {
    const [start, end] = [sentences[0]?.start ?? 0, sentences.at(-1)?.textEnd ?? 0];
    if (end <= start) return;
    const places = acts.map((act) => ({ start: act.start, end: act.textEnd }));
    drafts.push({ kind, start, end, source: 'piece', confidence: PIECE_CONFIDENCE, acts: places });
  };
  for (const segment of segments) {
    const sentences = within(text, segment.start, segment.end);
    const first = sentences[0];
    const last = sentences.at(-1);
    if (!first || !last) continue;
    const connection = connections.find((candidate) => candidate.piece === segment.piece);
    if (isCheck(segment.piece)) add('verification', sentences, first === last ? [first] : [first, last]);
    else if (segment.piece === 'summary') add('backward', sentences.length > 1 ? sentences.slice(0, -1) : sentences);
    else {
      if (connection && TURNS_BACK.test(text.slice(connection.start, connection.end))) {
        add('backtracking', [{ start: connection.start, textEnd: connection.end }]);
      }
      const opening = sentences.find((sentence) => sentence.start >= (connection?.end ?? segment.start));
      if (opening && PLANS.test(text.slice(opening.start, opening.textEnd))) add('subgoal', [opening]);
    }
  }
  return numbered(drafts);
}

/** Weak evidence is enough here, because the sentence is known to open an answer. */
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
