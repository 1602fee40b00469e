import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChannelSums,
  channelGradients,
  channelSums,
  marginals,
  type Potentials,
  potentials,
  weightTable,
} from '../../../src/core/behaviours/chain.ts';
import { CHANNELS } from '../../../src/core/behaviours/weights.ts';

const value = fc.double({ min: -3, max: 3, noNaN: true });
const array = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(value, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list));
const chains = fc
  .integer({ min: 1, max: 7 })
  .chain((n) => fc.record({ emission: array(n), stay: array(n), close: array(n) }));

/** Every path through the chain, with its weight. */
function paths({ emission, stay, close }: Potentials): { states: number[]; weight: number }[] {
  const n = emission.length;
  return Array.from({ length: 2 ** n }, (_, bits) => {
    const states = Array.from({ length: n }, (_, i) => (bits >> i) & 1);
    let score = 0;
    for (const [i, state] of states.entries()) {
      if (state === 1) score += emission[i] ?? 0;
      if (states[i - 1] === 1) score += (state === 1 ? stay[i] : close[i]) ?? 0;
    }
    return { states, weight: Math.exp(score) };
  });
}

describe('the chain', () => {
  it('gives the same probabilities as enumerating every path', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const all = paths(chain);
        const total = all.reduce((sum, { weight }) => sum + weight, 0);
        const result = marginals(chain, 0, chain.emission.length);
        expect(result.logPartition).toBeCloseTo(Math.log(total), 8);
        for (let i = 0; i < chain.emission.length; i += 1) {
          const share = (holds: (states: number[]) => boolean): number =>
            all.reduce((sum, { states, weight }) => sum + (holds(states) ? weight : 0), 0) / total;
          expect(result.on[i]).toBeCloseTo(
            share((states) => states[i] === 1),
            8,
          );
          expect(result.stay[i]).toBeCloseTo(
            share((states) => states[i] === 1 && states[i - 1] === 1),
            8,
          );
          expect(result.close[i]).toBeCloseTo(
            share((states) => states[i] === 0 && states[i - 1] === 1),
            8,
          );
        }
      }),
    );
  });

  it('passes gradients back through neighbours and fading: <a, P b> = <Pᵀ a, b>', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 9 })
          .chain((n) => fc.tuple(array(n), fc.array(array(n), { minLength: 7, maxLength: 7 }))),
        ([gradient, lanes]) => {
          const sums = Object.fromEntries(CHANNELS.map((channel, c) => [channel, lanes[c]])) as ChannelSums;
          const none = new Float64Array(gradient.length);
          const back = channelGradients({ emission: gradient, stay: none, close: none });
          const forth = potentials(sums).emission;
          const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
          const direct = dot(gradient, forth);
          const adjoint = CHANNELS.reduce((sum, channel) => sum + dot(back[channel], sums[channel]), 0);
          expect(adjoint).toBeCloseTo(direct, 8);
        },
      ),
    );
  });

  it('adds the weights of the features that a sentence has', () => {
    const rows = {
      count: 2,
      starts: Uint32Array.of(0, 2, 3),
      ids: Uint16Array.of(0, 2, 1),
      values: Float32Array.of(1, 0.5, 2),
    };
    const lane = [1, 10, 100];
    const weights = Object.fromEntries(CHANNELS.map((channel, c) => [channel, lane.map((w) => w * (c + 1))]));
    const sums = channelSums(rows, weightTable(weights as unknown as Parameters<typeof weightTable>[0]));
    expect([...sums.now]).toEqual([51, 20]);
    expect([...sums.close]).toEqual([51 * 7, 20 * 7]);
  });

  it('stays finite on a long text', () => {
    const n = 20_000;
    const chain = {
      emission: new Float64Array(n).fill(2),
      stay: new Float64Array(n).fill(1),
      close: new Float64Array(n),
    };
    const { on } = marginals(chain, 0, n);
    expect(on.every((p) => p > 0.5 && p <= 1 + 1e-9)).toBe(true);
  });
});
