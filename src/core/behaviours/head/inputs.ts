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
  const decides = kind === 'verification' ? actScores(scores) : scores.episodes[kind];
  return logit(decides[i] ?? 0, MOST_OF_SHIPPED);
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

/** The probabilities by a head. Behaviours without weights, and all without a head, keep those of the shipped classifier. */
export function withHead(scores: SentenceScores, head: Head | undefined): SentenceScores {
  if (head === undefined) return scores;
  const refitted = BEHAVIOURS.map((kind) => {
    const weights = head.weights[kind];
    return [kind, weights === undefined ? undefined : shiftsOf(scores, kind, weights)] as const;
  });
  const episodes = refitted.map(([kind, shifts]) => [kind, shifted(scores.episodes[kind], shifts)] as const);
  const [, ofActs] = refitted.find(([kind]) => kind === 'verification') ?? [];
  return {
    ...scores,
    episodes: Object.fromEntries(episodes) as SentenceScores['episodes'],
    acts: shifted(actScores(scores), ofActs),
  };
}

/** What a head adds to the log-odds of each sentence. */
function shiftsOf(scores: SentenceScores, kind: Behaviour, weights: readonly number[]): Float64Array {
  const inputs = new Float64Array(WIDTH);
  return scores.episodes[kind].map((_, i) => {
    writeInputs(scores, kind, i, inputs);
    let sum = 0;
    for (let j = 0; j < WIDTH; j += 1) sum += (weights[j] ?? 0) * (inputs[j] ?? 0);
    return sum;
  });
}

function shifted(probabilities: Float64Array, shifts: Float64Array | undefined): Float64Array {
  if (shifts === undefined) return probabilities;
  return probabilities.map((p, i) => 1 / (1 + Math.exp(-(logit(p, MOST_OF_SHIPPED) + (shifts[i] ?? 0)))));
}
