import { defined } from '../defined.ts';
import type { AssembledChain } from '../dialogue/assemble.ts';
import { BEHAVIOURS, type Behaviour, PHASES, type Phase, type Span } from '../schemas/index.ts';
import { type CandidateAnswer, findCandidates } from './candidates.ts';
import { type SentenceScores, scoreSentences } from './classify.ts';
import { MARK, type Marks, marksOf, rounded, spansOf } from './episodes.ts';
import { candidatesOf, type TextContext } from './features.ts';
import { splitSentences } from './sentences.ts';
import { pieceSpans } from './spans.ts';

/** A sentence of a text, `[start, end)` in UTF-16 code units, including the white space after it. */
export interface AnnotatedSentence {
  start: number;
  end: number;
  /** The behaviours of which it is in an episode. */
  labels: Behaviour[];
  /** The behaviours that it does itself, of those in `labels`. */
  acts: Behaviour[];
  /** The probability to be in an episode of each behaviour, to three digits. */
  scores: Record<Behaviour, number>;
  /** The most probable phase, and its probability to three digits. */
  phase: Phase;
  phaseScore: number;
}

export interface Annotation {
  sentences: AnnotatedSentence[];
  /** Consecutive sentences of one behaviour are one span. Ordered by start. */
  spans: Span[];
  candidates: CandidateAnswer[];
}

/** What is known about a text: its problem, gold answer and pieces. */
export interface AnnotationContext extends TextContext {
  gold?: string | undefined;
}

/** Sentences, behaviours and candidate answers of a text. `gold` only helps to find candidates, which are not graded here. */
export function annotate(text: string, context: AnnotationContext = {}): Annotation {
  const { problem, gold } = context;
  const sentences = splitSentences(text);
  const candidates = candidatesOf(text, context);
  const scores = scoreSentences(text, sentences, { ...context, candidates });
  const marks = marksOf(scores);
  return {
    sentences: sentences.map(({ start, end }, i) => ({ start, end, ...readingOf(scores, marks, i) })),
    spans: spansOf(sentences, scores, marks),
    candidates: gold === undefined ? candidates : findCandidates(text, { gold, ...defined({ problem }) }),
  };
}

function readingOf(
  { episodes, phases }: SentenceScores,
  marks: Marks,
  i: number,
): Omit<AnnotatedSentence, 'start' | 'end'> {
  const all = phases.subarray(i * PHASES.length, (i + 1) * PHASES.length);
  const most = Math.max(...all);
  return {
    labels: BEHAVIOURS.filter((kind) => marks[kind][i] !== MARK.none),
    acts: BEHAVIOURS.filter((kind) => marks[kind][i] === MARK.act),
    scores: {
      verification: rounded(episodes.verification[i] ?? 0),
      backtracking: rounded(episodes.backtracking[i] ?? 0),
      subgoal: rounded(episodes.subgoal[i] ?? 0),
      backward: rounded(episodes.backward[i] ?? 0),
    },
    phase: PHASES[all.indexOf(most)] ?? 'implement',
    phaseScore: rounded(most),
  };
}

/** The spans that the classifier finds in a text. */
export function classifierSpans(text: string, context: TextContext = {}): Span[] {
  const sentences = splitSentences(text);
  const scores = scoreSentences(text, sentences, context);
  return spansOf(sentences, scores, marksOf(scores));
}

/** The spans of an assembled chain: those of its pieces, and the classifier's where no piece span of the same behaviour overlaps. */
export function chainSpans(chain: AssembledChain, problem: string): Span[] {
  const ofPieces = pieceSpans(chain);
  const found = classifierSpans(chain.text, { problem, pieces: chain.segments }).filter((span) =>
    ofPieces.every((other) => other.kind !== span.kind || other.end <= span.start || span.end <= other.start),
  );
  return [...ofPieces, ...found].sort((a, b) => a.start - b.start || a.end - b.end);
}
