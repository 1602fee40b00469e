import { defined } from '../defined.ts';
import type { AssembledChain } from '../dialogue/assemble.ts';
import { BEHAVIOURS, type Behaviour, type Chain, PHASES, type Phase, type Span } from '../schemas/index.ts';
import { type CandidateAnswer, findCandidates } from './candidates.ts';
import { CLASSIFIER_VERSION, type SentenceScores, scoreSentences } from './classify.ts';
import { MARK, type Marks, marksOf, rounded, spansOf } from './episodes.ts';
import { candidatesOf, type TextContext } from './features.ts';
import { type Head, withHead } from './head/inputs.ts';
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

/** What is known about a text, and by which classifier it is marked. */
export interface MarkContext extends TextContext {
  /** The dataset's own head; absent: the shipped classifier alone. */
  head?: Head | undefined;
}

/** What is known about a text: its problem, gold answer and pieces. */
export interface AnnotationContext extends MarkContext {
  gold?: string | undefined;
}

/** Sentences, behaviours and candidate answers of a text. `gold` only helps to find candidates, which are not graded here. */
export function annotate(text: string, context: AnnotationContext = {}): Annotation {
  const { problem, gold, head } = context;
  const sentences = splitSentences(text);
  const candidates = candidatesOf(text, context);
  const scores = withHead(scoreSentences(text, sentences, { ...context, candidates }), head);
  const marks = marksOf(scores);
  return {
    sentences: sentences.map(({ start, end }, i) => ({ start, end, ...readingOf(scores, marks, i) })),
    spans: spansOf(sentences, scores, marks, versionOf(head)),
    candidates: gold === undefined ? candidates : findCandidates(text, { gold, ...defined({ problem }) }),
  };
}

function readingOf(
  { episodes, phases }: SentenceScores,
  marks: Marks,
  i: number,
): Omit<AnnotatedSentence, 'start' | 'end'> {
  const all = phases.subarray(i * PHASES.length, (i + 1) * PHASES.length);
  let most = 0;
  for (let p = 1; p < all.length; p += 1) if ((all[p] ?? 0) > (all[most] ?? 0)) most = p;
  return {
    labels: BEHAVIOURS.filter((kind) => marks[kind][i] !== MARK.none),
    acts: BEHAVIOURS.filter((kind) => marks[kind][i] === MARK.act),
    scores: {
      verification: rounded(episodes.verification[i] ?? 0),
      backtracking: rounded(episodes.backtracking[i] ?? 0),
      subgoal: rounded(episodes.subgoal[i] ?? 0),
      backward: rounded(episodes.backward[i] ?? 0),
    },
    phase: PHASES[most] ?? 'implement',
    phaseScore: rounded(all[most] ?? 0),
  };
}

/** The version of spans that the shipped classifier makes with a head: the name of the shipped weights, and the head's number. */
export function versionOf(head: Pick<Head, 'number'> | undefined): string {
  return head === undefined ? CLASSIFIER_VERSION : `${CLASSIFIER_VERSION}+${head.number}`;
}

/** The spans that the classifier finds in a text. */
export function classifierSpans(text: string, context: MarkContext = {}): Span[] {
  const sentences = splitSentences(text);
  const scores = withHead(scoreSentences(text, sentences, context), context.head);
  return spansOf(sentences, scores, marksOf(scores), versionOf(context.head));
}

/** The spans of an assembled chain: those of its pieces, and the classifier's where no piece span of the same behaviour overlaps. */
export function chainSpans(chain: AssembledChain, problem: string, head?: Head): Span[] {
  return besides(pieceSpans(chain), classifierSpans(chain.text, { problem, pieces: chain.segments, head }));
}

/** The spans of a chain with the classifier's marked again; those of other sources stay. Without its problem, the text alone is read. */
export function remarked(
  { text, segments, spans, origin }: Pick<Chain, 'text' | 'segments' | 'spans' | 'origin'>,
  problem: string | undefined,
  head?: Head,
): Span[] {
  const pieces = origin === 'dialogue' || origin === 'handwritten' ? segments : undefined;
  const others = spans.filter(({ source }) => source !== 'classifier');
  const taken = new Set(others.map(({ id }) => id));
  const found = classifierSpans(text, { problem, pieces, head }).map((span) => {
    let { id } = span;
    while (taken.has(id)) id = `${id}c`;
    return { ...span, id };
  });
  return besides(others, found);
}

/** The spans of the classifier are only kept where no piece span of the same behaviour overlaps. */
function besides(others: readonly Span[], found: readonly Span[]): Span[] {
  const ofPieces = others.filter(({ source }) => source === 'piece');
  const kept = found.filter((span) =>
    ofPieces.every((other) => other.kind !== span.kind || other.end <= span.start || span.end <= other.start),
  );
  return [...others, ...kept].sort((a, b) => a.start - b.start || a.end - b.end);
}
