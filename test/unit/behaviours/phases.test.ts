import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureRows } from '../../../src/core/behaviours/features.ts';
import {
  addPhaseGradient,
  PHASE_WEIGHTS,
  phaseEmissions,
  phaseMarginals,
  phaseSteps,
} from '../../../src/core/behaviours/phases.ts';
import { PHASES } from '../../../src/core/schemas/index.ts';

const P = PHASES.length;
const value = fc.double({ min: -3, max: 3, noNaN: true });
const chains = fc.integer({ min: 1, max: 4 }).chain((n) =>
  fc.record({
    emission: fc.array(value, { minLength: n * P, maxLength: n * P }),
    steps: fc.array(value, { minLength: P * P, maxLength: P * P }),
  }),
);

function tableOf(steps: readonly number[]): Float64Array {
  const table = new Float64Array(PHASE_WEIGHTS);
  table.set(steps, PHASE_WEIGHTS - P * P);
  return table;
}

describe('the chain over phases', () => {
  it('gives the same probabilities as enumerating every path', () => {
    fc.assert(
      fc.property(chains, ({ emission, steps }) => {
        const n = emission.length / P;
        const paths = Array.from({ length: P ** n }, (_, code) => {
          const states = Array.from({ length: n }, (_, i) => Math.floor(code / P ** i) % P);
          const score = states.reduce(
            (sum, p, i) => sum + (emission[i * P + p] ?? 0) + (i > 0 ? (steps[(states[i - 1] ?? 0) * P + p] ?? 0) : 0),
            0,
          );
          return { states, weight: Math.exp(score) };
        });
        const total = paths.reduce((sum, { weight }) => sum + weight, 0);
        const result = phaseMarginals(Float64Array.from(emission), phaseSteps(tableOf(steps)), { steps: true });
        expect(result.logPartition).toBeCloseTo(Math.log(total), 8);
        const expected = new Float64Array(n * P);
        const moves = new Float64Array(P * P);
        for (const { states, weight } of paths) {
          for (const [i, p] of states.entries()) {
            expected[i * P + p] = (expected[i * P + p] ?? 0) + weight / total;
            const at = (states[i - 1] ?? 0) * P + p;
            if (i > 0) moves[at] = (moves[at] ?? 0) + weight / total;
          }
        }
        for (const [k, share] of expected.entries()) expect(result.on[k]).toBeCloseTo(share, 8);
        for (const [k, share] of moves.entries()) expect(result.steps[k]).toBeCloseTo(share, 8);
      }),
      { numRuns: 20 },
    );
  });

  it('has the gradient of its emissions', () => {
    const rows: FeatureRows = {
      count: 3,
      starts: Uint32Array.of(0, 2, 3, 5),
      ids: Uint16Array.of(0, 3, 0, 0, 3),
      values: Float32Array.of(1, 0.5, 1, 1, 2),
    };
    const slope = Float64Array.from({ length: 3 * P }, (_, k) => Math.sin(k));
    const gradient = new Float64Array(PHASE_WEIGHTS);
    addPhaseGradient(rows, slope, 1, gradient);
    const table = Float64Array.from({ length: PHASE_WEIGHTS }, (_, k) => Math.cos(k));
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * (b[k] ?? 0), 0);
    // Emissions are linear in the weights, so both products are the same sum.
    expect(dot(gradient, table)).toBeCloseTo(dot(phaseEmissions(rows, table), slope), 6);
  });
});
