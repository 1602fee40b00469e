import { BEHAVIOURS, type Behaviour, type BehaviourAct, PHASES, type Span } from '../schemas/index.ts';
import { CLASSIFIER_VERSION, type SentenceScores, THRESHOLDS } from './classify.ts';
import type { Sentence } from './sentences.ts';

/** Of a sentence and a behaviour: in no episode of it, in one as working, or an act. */
export const MARK = { none: 0, working: 1, act: 2 } as const;
/** For each behaviour the mark of every sentence. */
export type Marks = Readonly<Record<Behaviour, Uint8Array>>;

/** A sentence of an episode of verification is an act from this probability of the phase `verify` on. */
const ACT_OF_VERIFICATION = 0.4;
const VERIFY = PHASES.indexOf('verify');

/** Decides from the scores which sentences are in an episode, and which of them are acts. */
export function marksOf({ episodes, phases }: SentenceScores): Marks {
  const marks = BEHAVIOURS.map((kind) => {
    const inside = Uint8Array.from(episodes[kind], (score) => Number(score >= THRESHOLDS[kind]));
    const of = inside.map((one, i) => {
      if (one === 0) return MARK.none;
      const opens = i === 0 || inside[i - 1] === 0;
      const acts = kind !== 'verification' || opens || (phases[i * PHASES.length + VERIFY] ?? 0) >= ACT_OF_VERIFICATION;
      return acts ? MARK.act : MARK.working;
    });
    return [kind, of] as const;
  });
  return Object.fromEntries(marks) as Record<Behaviour, Uint8Array>;
}

/** The episodes as spans of a version, ordered by start; the confidence of a span is the mean of its sentences. */
export function spansOf(
  sentences: readonly Sentence[],
  scores: SentenceScores,
  marks: Marks,
  version = CLASSIFIER_VERSION,
): Span[] {
  const drafts = BEHAVIOURS.flatMap((kind) =>
    runs(sentences, scores.episodes[kind], marks[kind], kind).map((draft) => ({ ...draft, version })),
  );
  return drafts.sort((a, b) => a.start - b.start || a.end - b.end).map((draft, i) => ({ id: `c${i + 1}`, ...draft }));
}

function runs(
  sentences: readonly Sentence[],
  probabilities: Float64Array,
  marks: Uint8Array,
  kind: Behaviour,
): Omit<Span, 'id' | 'version'>[] {
  const found: Omit<Span, 'id' | 'version'>[] = [];
  for (let i = 0; i < sentences.length; i += 1) {
    const first = sentences[i];
    if (!first || marks[i] === MARK.none) continue;
    const acts: BehaviourAct[] = [];
    let sum = 0;
    let end = first.textEnd;
    const from = i;
    for (; i < sentences.length && marks[i] !== MARK.none; i += 1) {
      const sentence = sentences[i];
      if (!sentence) break;
      sum += probabilities[i] ?? 0;
      end = sentence.textEnd;
      if (marks[i] === MARK.act && sentence.textEnd > sentence.start) acts.push({ start: sentence.start, end });
    }
    if (end === first.start) continue;
    const confidence = rounded(sum / (i - from));
    found.push({ kind, start: first.start, end, source: 'classifier', confidence, acts });
  }
  return found;
}

/** A probability to three digits. */
export function rounded(probability: number): number {
  return Math.round(probability * 1000) / 1000;
}
