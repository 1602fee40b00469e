import { BEHAVIOURS, type Behaviour, type ClassifierHead, PHASES } from '../../schemas/index.ts';
import type { SentenceScores } from '../classify.ts';
import { actScores } from '../episodes.ts';

/** A dataset's own head: its number, and the weights of the inputs for each behaviour that it changes. */
export interface Head extends Pick<ClassifierHead, 'weights'> {
  /** Of its file. */
  number: number;
}

/** Names of the inputs in order. All are outputs of the shipped classifier, as log-odds by `SCALE`. */
export const HEAD_INPUTS: readonly string[] = [
  'constant',
  ...BEHAVIOURS.map((kind) => `in ${kind}`),
  ...PHASES.map((phase) => `phase ${phase}`),
  'before in it',
  'after in it',
];
const WIDTH = HEAD_INPUTS.length;
const VERIFY = PHASES.indexOf('verify');
/** Log-odds of an input are limited to this. */
const MOST = 6;
const SCALE = 3;
/** Log-odds of the shipped classifier, from which the head starts: more than this changes no digit of a stored confidence. */
const MOST_OF_SHIPPED = 8;

/** Log-odds of a probability, limited. */
function logit(probability: number, most: number): number {
  const odds = Math.log(probability / (1 - probability));
  return Math.max(-most, Math.min(most, Number.isNaN(odds) ? 0 : odds));
}

/** The log-odds of the shipped classifier for a behaviour of a sentence, from which the head starts: of verification those of an act. */
export function shippedLogit(scores: SentenceScores, kind: Behaviour, i: number): number {
  const { acts, episodes, phases } = scores;
  const act = acts?.[i] ?? phases[i * PHASES.length + VERIFY];
  return logit((kind === 'verification' ? act : episodes[kind][i]) ?? 0, MOST_OF_SHIPPED);
}

/** The inputs of sentence `i` for a behaviour, written into `into` from `at` on. */
export function writeInputs(
  { episodes, phases }: SentenceScores,
  kind: Behaviour,
  i: number,
  into: Float64Array,
  at = 0,
): void {
  const own = episodes[kind];
  const put = (place: number, probability: number): void => {
    into[at + place] = logit(probability, MOST) / SCALE;
  };
  into[at] = 1;
  for (const [k, one] of BEHAVIOURS.entries()) put(1 + k, episodes[one][i] ?? 0);
  const first = 1 + BEHAVIOURS.length;
  for (let p = 0; p < PHASES.length; p += 1) put(first + p, phases[i * PHASES.length + p] ?? 0);
  put(WIDTH - 2, own[i - 1] ?? 0);
  put(WIDTH - 1, own[i + 1] ?? 0);
}

/**
 * The probabilities by a head. Behaviours without weights, and all without a head, keep those of the shipped classifier. A reviewer labels
 * sentences, so with weights of its own verification has one probability of an act and of being inside: what is not labelled is no working.
 */
export function withHead(scores: SentenceScores, head: Head | undefined): SentenceScores {
  if (head === undefined) return scores;
  const inputs = new Float64Array(WIDTH);
  const refitted = BEHAVIOURS.map((kind) => {
    const weights = head.weights[kind];
    if (weights === undefined) return [kind, scores.episodes[kind]] as const;
    const on = scores.episodes[kind].map((_, i) => {
      writeInputs(scores, kind, i, inputs);
      let z = shippedLogit(scores, kind, i);
      for (let j = 0; j < WIDTH; j += 1) z += (weights[j] ?? 0) * (inputs[j] ?? 0);
      return 1 / (1 + Math.exp(-z));
    });
    return [kind, on] as const;
  });
  const episodes = Object.fromEntries(refitted) as SentenceScores['episodes'];
  const acts = head.weights.verification === undefined ? actScores(scores) : episodes.verification;
  return { ...scores, episodes, acts };
}
