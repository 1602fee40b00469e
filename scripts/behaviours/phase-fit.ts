import { FEATURE_NAMES, type FeatureRows, WIDE_FEATURES } from '../../src/core/behaviours/features.ts';
import {
  addPhaseGradient,
  PHASE_WEIGHTS,
  type PhaseTable,
  phaseEmissions,
  phaseMarginals,
  phaseSteps,
} from '../../src/core/behaviours/phases.ts';
import { PHASES } from '../../src/core/schemas/index.ts';
import { minimise } from './minimise.ts';

/** The sentences of one text in order: their features, and the phase of each. */
export interface PhaseExample {
  rows: FeatureRows;
  phases: Uint8Array;
}

const P = PHASES.length;
/** What a weight costs: half of this times its square. */
const PENALTY = { own: 6, neighbours: 30, phrases: 8, steps: 1 };
/** The people's texts have no line breaks, so features of the layout mean something else elsewhere. */
const LAYOUT = new Set(
  ['paragraph', 'in paragraph', 'paragraph checks', 'paragraph waits'].map((name) => FEATURE_NAMES.indexOf(name)),
);
const PENALTIES = Float64Array.from({ length: PHASE_WEIGHTS }, (_, place) => {
  const id = Math.floor(place / (3 * P));
  if (id < WIDE_FEATURES) {
    if (LAYOUT.has(id)) return Number.POSITIVE_INFINITY;
    return id === 0 ? 0.01 : place % (3 * P) < P ? PENALTY.own : PENALTY.neighbours;
  }
  return place < PHASE_WEIGHTS - P * P ? PENALTY.phrases : PENALTY.steps;
});

/** Weights of the chain over phases by maximum likelihood with an L2 penalty. Deterministic. */
export function fitPhases(examples: readonly PhaseExample[], steps = 60): PhaseTable {
  return minimise((at) => lossAndGradient(examples, at), new Float64Array(PHASE_WEIGHTS), steps);
}

function lossAndGradient(examples: readonly PhaseExample[], at: Float64Array): [number, Float64Array] {
  const gradient = new Float64Array(at.length);
  const stepsAt = PHASE_WEIGHTS - P * P;
  const between = phaseSteps(at);
  let loss = 0;
  for (const { rows, phases } of examples) {
    const emission = phaseEmissions(rows, at);
    const { on, steps, logPartition } = phaseMarginals(emission, between, { steps: true });
    loss += logPartition;
    for (let k = 0; k < P * P; k += 1) gradient[stepsAt + k] = (gradient[stepsAt + k] ?? 0) + (steps[k] ?? 0);
    for (let i = 0; i < rows.count; i += 1) {
      const place = i * P + (phases[i] ?? 0);
      loss -= emission[place] ?? 0;
      on[place] = (on[place] ?? 0) - 1;
      if (i === 0) continue;
      const step = stepsAt + (phases[i - 1] ?? 0) * P + (phases[i] ?? 0);
      loss -= at[step] ?? 0;
      gradient[step] = (gradient[step] ?? 0) - 1;
    }
    addPhaseGradient(rows, on, 1, gradient);
  }
  for (let i = 0; i < at.length; i += 1) {
    const strength = PENALTIES[i] ?? 0;
    if (strength === Number.POSITIVE_INFINITY) {
      gradient[i] = 0;
      continue;
    }
    loss += (strength / 2) * (at[i] ?? 0) ** 2;
    gradient[i] = (gradient[i] ?? 0) + strength * (at[i] ?? 0);
  }
  return [loss, gradient];
}

/** Probability of each sentence and phase. */
export function predictPhases(table: PhaseTable, rows: FeatureRows): Float64Array {
  return phaseMarginals(phaseEmissions(rows, table), phaseSteps(table)).on;
}
