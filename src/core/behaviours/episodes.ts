import { BEHAVIOURS, type Behaviour, type BehaviourAct, PHASES, type Span } from '../schemas/index.ts';
import { ACT_THRESHOLD, CLASSIFIER_VERSION, type SentenceScores, THRESHOLDS } from './classify.ts';
import type { Sentence } from './sentences.ts';

/** Of a sentence and a behaviour: in no episode of it, in one as working, or an act. */
export const MARK = { none: 0, working: 1, act: 2 } as const;
/** For each behaviour the mark of every sentence. */
export type Marks = Readonly<Record<Behaviour, Uint8Array>>;

/** An episode has no more sentences than this without an act. */
const MOST_WORKING = 40;
/** Two acts that are this near belong to one episode, whatever is between them. */
const NEAR = 2;
const P = PHASES.length;
const VERIFY = PHASES.indexOf('verify');
/** Phases that leave something to verify. */
const STATING = (['analyze', 'implement', 'explore', 'answer'] as const).map((phase) => PHASES.indexOf(phase));

/**
 * Decides from the scores which sentences are in an episode, and which of them are acts. Verification has working between its acts; of the
 * other behaviours every sentence is an act.
 */
export function marksOf(scores: SentenceScores): Marks {
  const { episodes } = scores;
  const marks = BEHAVIOURS.map((kind) => {
    const [scored, threshold] = [episodes[kind], THRESHOLDS[kind]];
    const inside = new Uint8Array(scored.length);
    for (let i = 0; i < inside.length; i += 1) if ((scored[i] ?? 0) >= threshold) inside[i] = 1;
    const of = kind === 'verification' ? verificationMarks(inside, scores) : inside.map((one) => one * MARK.act);
    return [kind, of] as const;
  });
  return Object.fromEntries(marks) as Record<Behaviour, Uint8Array>;
}

/**
 * An act is a sentence of the phase `verify`, after a sentence that states something. The working between two acts, and after the last one,
 * is what the chain of episodes (`inside`) has there.
 */
function verificationMarks(inside: Uint8Array, scores: SentenceScores): Uint8Array {
  const { phases } = scores;
  const acts = actScores(scores);
  const marks = new Uint8Array(inside.length);
  let stated = false;
  let last = Number.NEGATIVE_INFINITY;
  /** Every sentence since the last act is inside. */
  let open = false;
  for (let i = 0; i < inside.length; i += 1) {
    const at = i * P;
    if (stated && (acts[i] ?? 0) >= ACT_THRESHOLD) {
      marks[i] = MARK.act;
      if (i - last <= NEAR) marks.fill(MARK.working, last + 1, i);
      // What opens the episode is often a sentence of another phase: “Let me check.”
      else if (!open && inside[i - 1] === 1) marks[i - 1] = MARK.act;
      last = i;
      open = true;
    } else if (open && inside[i] === 1 && i - last <= MOST_WORKING) marks[i] = MARK.working;
    else open = false;
    if (!stated) stated = STATING.some((phase) => (phases[at + phase] ?? 0) >= 0.5);
  }
  return marks;
}

/** The probability of each sentence to be an act of verification. */
export function actScores({ acts, episodes, phases }: SentenceScores): Float64Array {
  return acts ?? episodes.verification.map((_, i) => phases[i * P + VERIFY] ?? 0);
}

/** The episodes as spans of a version, ordered by start; the confidence of a span is the mean over its acts. */
export function spansOf(
  sentences: readonly Sentence[],
  scores: SentenceScores,
  marks: Marks,
  version = CLASSIFIER_VERSION,
): Span[] {
  const drafts = BEHAVIOURS.flatMap((kind) =>
    runs(sentences, kind === 'verification' ? actScores(scores) : scores.episodes[kind], marks[kind], kind).map(
      (draft) => ({ ...draft, version }),
    ),
  );
  return drafts.sort((a, b) => a.start - b.start || a.end - b.end).map((draft, i) => ({ id: `c${i + 1}`, ...draft }));
}

function runs(
  sentences: readonly Sentence[],
  /** Of the acts. */
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
    for (; i < sentences.length && marks[i] !== MARK.none; i += 1) {
      const sentence = sentences[i];
      if (!sentence) break;
      end = sentence.textEnd;
      if (marks[i] !== MARK.act || end === sentence.start) continue;
      acts.push({ start: sentence.start, end });
      sum += probabilities[i] ?? 0;
    }
    if (end === first.start) continue;
    const confidence = rounded(sum / Math.max(1, acts.length));
    found.push({ kind, start: first.start, end, source: 'classifier', confidence, acts });
  }
  return found;
}

/** A probability to three digits. */
export function rounded(probability: number): number {
  return Math.round(probability * 1000) / 1000;
}
