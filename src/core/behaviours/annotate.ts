import { defined } from '../defined.ts';
import type { AssembledChain } from '../dialogue/assemble.ts';
import { BEHAVIOURS, type Behaviour, type Span } from '../schemas/index.ts';
import { type CandidateAnswer, findCandidates } from './candidates.ts';
import { type SentenceScores, scoreSentences, THRESHOLDS } from './classify.ts';
import { candidatesOf, type TextContext } from './features.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { pieceSpans } from './spans.ts';

/** A sentence of a text, `[start, end)` in UTF-16 code units, including the white space after it. */
export interface AnnotatedSentence {
  start: number;
  end: number;
  labels: Behaviour[];
  /** The probability of each behaviour, to three digits. */
  scores: Record<Behaviour, number>;
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
  return {
    sentences: sentences.map(({ start, end }, i) => ({
      start,
      end,
      labels: BEHAVIOURS.filter((kind) => (scores[kind][i] ?? 0) >= THRESHOLDS[kind]),
      scores: {
        verification: rounded(scores.verification[i] ?? 0),
        backtracking: rounded(scores.backtracking[i] ?? 0),
        subgoal: rounded(scores.subgoal[i] ?? 0),
        backward: rounded(scores.backward[i] ?? 0),
      },
    })),
    spans: episodes(sentences, scores),
    candidates: gold === undefined ? candidates : findCandidates(text, { gold, ...defined({ problem }) }),
  };
}

/** The spans that the classifier finds in a text. */
export function classifierSpans(text: string, context: TextContext = {}): Span[] {
  const sentences = splitSentences(text);
  return episodes(sentences, scoreSentences(text, sentences, context));
}

/** The spans of an assembled chain: those of its pieces, and the classifier's where no piece span of the same behaviour overlaps. */
export function chainSpans(chain: AssembledChain, problem: string): Span[] {
  const ofPieces = pieceSpans(chain);
  const found = classifierSpans(chain.text, { problem, pieces: chain.segments }).filter((span) =>
    ofPieces.every((other) => other.kind !== span.kind || other.end <= span.start || span.end <= other.start),
  );
  return [...ofPieces, ...found].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Runs of sentences that show a behaviour; the confidence of a span is their mean. */
function episodes(sentences: readonly Sentence[], scores: SentenceScores): Span[] {
  const drafts = BEHAVIOURS.flatMap((kind) => runs(sentences, scores[kind], kind));
  return drafts.sort((a, b) => a.start - b.start || a.end - b.end).map((draft, i) => ({ id: `c${i + 1}`, ...draft }));
}

function runs(sentences: readonly Sentence[], probabilities: Float64Array, kind: Behaviour): Omit<Span, 'id'>[] {
  const found: Omit<Span, 'id'>[] = [];
  for (let i = 0; i < sentences.length; i += 1) {
    const first = sentences[i];
    if (!first || (probabilities[i] ?? 0) < THRESHOLDS[kind]) continue;
    let sum = 0;
    let end = first.textEnd;
    const from = i;
    for (; i < sentences.length && (probabilities[i] ?? 0) >= THRESHOLDS[kind]; i += 1) {
      sum += probabilities[i] ?? 0;
      end = sentences[i]?.textEnd ?? end;
    }
    const confidence = rounded(sum / (i - from));
    if (end > first.start) found.push({ kind, start: first.start, end, source: 'classifier', confidence });
  }
  return found;
}

function rounded(probability: number): number {
  return Math.round(probability * 1000) / 1000;
}
