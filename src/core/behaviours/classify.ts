import trainedPhases from '../../../media/behaviours/phases.json' with { type: 'json' };
import trained from '../../../media/behaviours/weights.json' with { type: 'json' };
import { BEHAVIOURS, type Behaviour, PHASES } from '../schemas/index.ts';
import { channelSums, marginals, potentials, type WeightTable, weightTable } from './chain.ts';
import { featureRows, setPhases, type TextContext } from './features.ts';
import { hashOf } from './hashes.ts';
import { phaseEmissions, phaseMarginals, phaseSteps } from './phases.ts';
import type { Sentence } from './sentences.ts';
import type { KindWeights } from './weights.ts';

export interface SentenceScores {
  /** The calibrated probability of each sentence to be in an episode of each behaviour. */
  episodes: Readonly<Record<Behaviour, Float64Array>>;
  /** The probability of each phase: phase `p` of sentence `i` is at `i · 8 + p`, in the order of PHASES. */
  phases: Float64Array;
  /** The probability to be an act of verification; absent: that of the phase `verify`. */
  acts?: Float64Array;
}

/** The name of the shipped weights: every span of the classifier has it. */
export const CLASSIFIER_VERSION = trained.dataHash.slice(0, 8);

let hash: string | undefined;

/** Identifies the shipped weights themselves, 16 hex digits: a dataset's own head rests on them. */
export function shippedHash(): string {
  if (hash === undefined) {
    const text = JSON.stringify([trained, trainedPhases]);
    const half = (part: string): string => (hashOf(part) >>> 0).toString(16).padStart(8, '0');
    hash = half(text) + half(`${text}.`.slice(1));
  }
  return hash;
}

/** A sentence is an act of verification from this probability of the phase `verify` on; chosen on texts of unseen models and problems. */
export const ACT_THRESHOLD = trainedPhases.actThreshold;
const PHASE_TABLE = Float32Array.from(trainedPhases.weights, (weight) => weight / trainedPhases.scale);
const PHASE_STEPS = phaseSteps(PHASE_TABLE);

/** The shipped weights. */
export const KINDS: Readonly<Record<Behaviour, KindWeights>> = trained.kinds;

/** A sentence shows the kind from this probability on; chosen on texts of unseen models. */
export const THRESHOLDS = Object.fromEntries(BEHAVIOURS.map((kind) => [kind, KINDS[kind].threshold])) as Readonly<
  Record<Behaviour, number>
>;

/** The probability of each behaviour and phase for each sentence. Takes linear time; never throws. */
export function scoreSentences(
  text: string,
  sentences: readonly Sentence[],
  context: TextContext = {},
): SentenceScores {
  const rows = featureRows(text, sentences, context);
  const phases = phaseMarginals(phaseEmissions(rows, PHASE_TABLE), PHASE_STEPS).on;
  setPhases(rows, phases);
  const scores = BEHAVIOURS.map((kind) => {
    const { on } = marginals(potentials(channelSums(rows, tableOf(kind))), 0, rows.count, { edges: false });
    const { calibration } = KINDS[kind];
    for (let i = 0; i < on.length; i += 1) {
      const inside = calibrated(on[i] ?? 0, calibration);
      on[i] = kind === 'subgoal' ? orPlan(inside, phases, i) : inside;
    }
    return [kind, on] as const;
  });
  return { episodes: Object.fromEntries(scores) as Record<Behaviour, Float64Array>, phases };
}

const PLAN = PHASES.indexOf('plan');

/** The probability that sentence `i` is a subgoal by the chain or of the phase `plan`, as if these were independent. */
export function orPlan(subgoal: number, phases: Float64Array, i: number): number {
  return 1 - (1 - subgoal) * (1 - (phases[i * PHASES.length + PLAN] ?? 0));
}

/** Calibrates a probability of the chain (Platt 1999). */
export function calibrated(probability: number, { slope, shift }: KindWeights['calibration']): number {
  const inside = Math.min(1 - 1e-9, Math.max(1e-9, probability));
  return 1 / (1 + Math.exp(-(slope * Math.log(inside / (1 - inside)) + shift)));
}

const tables = new Map<Behaviour, WeightTable>();

function tableOf(kind: Behaviour): WeightTable {
  const table = tables.get(kind) ?? weightTable(KINDS[kind].channels, trained.scale);
  tables.set(kind, table);
  return table;
}
