import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SentenceScores } from '../../../src/core/behaviours/classify.ts';
import { MARK, marksOf } from '../../../src/core/behaviours/episodes.ts';
import { type FitRows, fitHead } from '../../../src/core/behaviours/head/fit.ts';
import { HEAD_INPUTS, withHead } from '../../../src/core/behaviours/head/inputs.ts';
import { type LabelledChain, refitHead } from '../../../src/core/behaviours/head/refit.ts';
import { randomSource } from '../../../src/core/maths/random.ts';
import { learningOrder } from '../../../src/core/review/calibration/learning.ts';
import { BEHAVIOURS, type Behaviour, PHASES } from '../../../src/core/schemas/index.ts';

const SEED = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const MONITOR = PHASES.indexOf('monitor');
const SENTENCES = 30;

/** Random outputs of the classifier for the sentences of one chain. */
function randomScores(random: () => number): SentenceScores {
  const phases = Float64Array.from({ length: SENTENCES * PHASES.length }, () => random() ** 4);
  for (let i = 0; i < SENTENCES; i += 1) {
    const own = phases.subarray(i * PHASES.length, (i + 1) * PHASES.length);
    const total = own.reduce((sum, p) => sum + p, 0);
    for (let p = 0; p < PHASES.length; p += 1) own[p] = (own[p] ?? 0) / total;
  }
  const episodes = BEHAVIOURS.map((kind) => [kind, Float64Array.from({ length: SENTENCES }, () => random() ** 2)]);
  return { episodes: Object.fromEntries(episodes) as SentenceScores['episodes'], phases };
}

type Truth = (scores: SentenceScores, kind: Behaviour, sentence: number) => boolean;

function labelledChains(seed: number, truth: Truth, chains = 8): LabelledChain[] {
  const random = randomSource(seed);
  return Array.from({ length: chains }, (_, i) => {
    const scores = randomScores(random);
    const labels = Array.from({ length: SENTENCES }, (__, sentence) => ({
      sentence,
      known: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, truth(scores, kind, sentence)])),
      weight: 1,
      decides: true,
    }));
    return { id: `c${i}`, scores, labels };
  });
}

const asMarked: Truth = (scores, kind, sentence) => marksOf(scores)[kind][sentence] !== MARK.none;
const byPhase: Truth = ({ phases }, _kind, sentence) => (phases[sentence * PHASES.length + MONITOR] ?? 0) > 0.2;

describe('A dataset’s own head', () => {
  test('without labels has no weights and changes nothing', () => {
    const none: FitRows = {
      ...{ width: HEAD_INPUTS.length, inputs: new Float64Array(), offset: new Float64Array() },
      ...{ labels: new Uint8Array(), weights: new Float64Array() },
    };
    expect(fitHead(none, [], 1).every((weight) => weight === 0)).toBe(true);
    expect(refitHead([], 1).weights).toEqual({});
  });

  test('with weights of 0 marks every text as the shipped classifier does, but for the working of verification', () => {
    const zero = Object.fromEntries(BEHAVIOURS.map((kind) => [kind, HEAD_INPUTS.map(() => 0)]));
    fc.assert(
      fc.property(SEED, (seed) => {
        const scores = randomScores(randomSource(seed));
        const [shipped, refitted] = [marksOf(scores), marksOf(withHead(scores, { number: 1, weights: zero }))];
        expect({ ...refitted, verification: 0 }).toEqual({ ...shipped, verification: 0 });
        const { verification: _, ...others } = zero;
        expect(marksOf(withHead(scores, { number: 1, weights: others }))).toEqual(shipped);
      }),
    );
  });

  test('labels that agree with the classifier change no decision', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const { weights, outcomes } = refitHead(labelledChains(seed, asMarked), seed);
        expect(weights).toEqual({});
        expect(outcomes.map(({ verdict }) => verdict)).not.toContain('better');
      }),
      { numRuns: 4 },
    );
  });

  test('learns a reviewer’s other definition, the same each time, in a small file', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const chains = labelledChains(seed, byPhase);
        const refit = refitHead(chains, seed);
        expect(refitHead(chains, seed)).toEqual(refit);
        const [verification] = refit.outcomes;
        expect(verification?.verdict).toBe('better');
        expect(verification?.after?.kappa).toBeGreaterThan((verification?.before?.kappa ?? 1) + 0.3);
        expect(JSON.stringify(refit).length).toBeLessThan(4_000);
        const fresh = labelledChains(seed + 1, byPhase);
        const right = (head: boolean): number =>
          fresh.reduce((sum, { scores, labels }) => {
            const marks = marksOf(head ? withHead(scores, { number: 1, weights: refit.weights }) : scores).verification;
            return sum + labels.filter((one) => (marks[one.sentence] !== MARK.none) === one.known.verification).length;
          }, 0);
        expect(right(true)).toBeGreaterThan(right(false));
      }),
      { numRuns: 4 },
    );
  });

  test('corrections teach but do not decide', () => {
    const corrections = labelledChains(3, byPhase).map((chain) => ({
      ...chain,
      labels: chain.labels.map((label) => ({ ...label, decides: false })),
    }));
    expect(refitHead(corrections, 1).outcomes.every(({ verdict }) => verdict === 'few')).toBe(true);
  });

  test('labels of fewer than four chains decide nothing', () => {
    expect(refitHead(labelledChains(5, byPhase, 3), 1).weights).toEqual({});
  });
});

test('the learning order takes a sentence of each likely phase in turn, each once', () => {
  fc.assert(
    fc.property(SEED, fc.integer({ min: 0, max: 60 }), (seed, count) => {
      const random = randomSource(seed);
      const all = Array.from({ length: 50 }, (_, id) => ({
        id,
        phase: PHASES[Math.floor(random() * 3)] ?? 'read',
        phaseScore: random(),
      }));
      const order = learningOrder(all, count, random);
      expect(order).toHaveLength(Math.min(count, all.length));
      expect(new Set(order.map(({ id }) => id)).size).toBe(order.length);
      const phases = new Set(all.map(({ phase }) => phase)).size;
      const first = order.slice(0, phases).map(({ phase }) => phase);
      expect(new Set(first).size).toBe(first.length);
    }),
  );
});
