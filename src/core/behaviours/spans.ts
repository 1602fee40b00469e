import type { AssembledChain } from '../dialogue/assemble.ts';
import type { Behaviour, Span } from '../model/index.ts';
import { CUES } from './cues.ts';
import { type Sentence, splitSentences } from './sentences.ts';

/** What a rule's word is worth before it is measured on labels; below any person's or piece's. */
const RULE_CONFIDENCE = 0.5;
/** A piece's place is known; where in the piece the act stands is not quite. */
const PIECE_CONFIDENCE = 0.8;
/** An episode goes on at most this many sentences after its cue. */
const LONGEST_EPISODE = 5;

/** A sentence of a check or a retracing goes on with the act: it computes, compares or says how it came out. */
const GOES_ON =
  /[=≈≠<>≤≥]|\\(?:neq?|leq?|geq?|approx)\b|\b(?:holds?|works?|match(?:es)?|agrees?|satisf(?:y|ies)|consistent|correct|good|fine|fails?|not equal|contradict)/i;
/** The act has come to its end. */
const CONCLUDES =
  /\b(?:holds?|works|match(?:es)?|agrees?|consistent|checks out|is (?:correct|right|wrong)|contradiction|fails?)\b/i;

type Draft = Omit<Span, 'id'>;

/**
 * Spans of a trace that nothing is known of, by cues. A cue opens an episode: for verification and backward reasoning it goes on over the sentences that
 * compute or compare, until one concludes; for backtracking and subgoals it is its sentence.
 */
export function ruleSpans(text: string): Span[] {
  const sentences = splitSentences(text);
  const drafts: Draft[] = [];
  for (const kind of Object.keys(CUES) as Behaviour[]) {
    for (let i = 0; i < sentences.length; i++) {
      const sentence = sentences[i];
      if (!sentence || !CUES[kind].test(text.slice(sentence.start, sentence.textEnd))) continue;
      // Nothing can be checked or taken back before anything was said.
      if (i === 0 && (kind === 'verification' || kind === 'backtracking')) continue;
      const last = kind === 'verification' || kind === 'backward' ? episodeEnd(text, sentences, i) : i;
      const end = sentences[last]?.textEnd ?? sentence.textEnd;
      drafts.push({ kind, start: sentence.start, end, source: 'rule', confidence: RULE_CONFIDENCE });
      i = last;
    }
  }
  return numbered(drafts);
}

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
    if (segment.piece === 'check[1]') add('verification', first.start, last.textEnd);
    else if (segment.piece === 'summary') {
      const end = sentences.length > 1 ? (sentences.at(-2)?.textEnd ?? last.textEnd) : last.textEnd;
      add('backward', first.start, end);
    } else {
      if (connection && CUES.backtracking.test(text.slice(connection.start, connection.end))) {
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

function episodeEnd(text: string, sentences: readonly Sentence[], from: number): number {
  let last = from;
  for (let i = from + 1; i < sentences.length && i - from < LONGEST_EPISODE; i++) {
    const sentence = sentences[i];
    if (!sentence) break;
    const words = text.slice(sentence.start, sentence.textEnd);
    if (!GOES_ON.test(words)) break;
    last = i;
    if (CONCLUDES.test(words)) break;
  }
  return last;
}

function numbered(drafts: Draft[]): Span[] {
  return drafts
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .map((draft, i) => ({ id: `${draft.source.charAt(0)}${i + 1}`, ...draft }));
}
