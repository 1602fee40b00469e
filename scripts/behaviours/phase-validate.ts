import { featureRows } from '../../src/core/behaviours/features.ts';
import type { PhaseScores } from '../../src/core/behaviours/weights.ts';
import { PHASES, type Phase } from '../../src/core/schemas/index.ts';
import { confusion, kappaOf, scoreOf } from './metrics.ts';
import type { PhaseText } from './people.ts';
import { fitPhases, type PhaseExample, predictPhases } from './phase-fit.ts';

const P = PHASES.length;

export function phaseExamples(texts: readonly PhaseText[]): PhaseExample[] {
  return texts.map(({ text, sentences, phases }) => ({ rows: featureRows(text, sentences), phases }));
}

/** Probabilities of the phases of every text, by weights that were trained without the texts of its fold. In the order of the texts. */
export function crossValidatePhases(
  texts: readonly PhaseText[],
  examples: readonly PhaseExample[],
  fold: 'model' | 'problem',
): Float64Array[] {
  const held: Float64Array[] = examples.map(() => new Float64Array());
  for (const one of new Set(texts.map((text) => text[fold]))) {
    const table = fitPhases(examples.filter((_, i) => texts[i]?.[fold] !== one));
    for (const [i, { rows }] of examples.entries()) if (texts[i]?.[fold] === one) held[i] = predictPhases(table, rows);
  }
  return held;
}

/** The threshold of the phase `verify` with the best mean F1 over several sets of held-out probabilities, in steps of 0.02. */
export function verifyThreshold(held: readonly Float64Array[], labels: readonly number[]): number {
  const verify = PHASES.indexOf('verify');
  const truth = labels.map((phase) => Number(phase === verify));
  const steps = Array.from({ length: 21 }, (_, i) => (i * 2 + 20) / 100);
  const f1 = (threshold: number): number =>
    held.reduce((sum, probabilities) => {
      const decided = labels.map((_, i) => (probabilities[i * P + verify] ?? 0) >= threshold);
      return sum + scoreOf(confusion(decided, truth)).f1;
    }, 0);
  return steps.reduce((best, step) => (f1(step) > f1(best) ? step : best));
}

/** The most probable phase of each sentence. */
export function likeliest(probabilities: Float64Array): Uint8Array {
  return Uint8Array.from({ length: probabilities.length / P }, (_, i) => {
    const all = probabilities.subarray(i * P, (i + 1) * P);
    return all.indexOf(Math.max(...all));
  });
}

/** Accuracy and κ over the eight phases, and scores of each phase against all others. */
export function phaseScores(decided: ArrayLike<number>, labels: ArrayLike<number>): PhaseScores {
  const pairs = Array.from(labels, (label, i) => [label, decided[i] ?? 0] as const);
  const of = PHASES.map((phase, p) => {
    const counts = confusion(
      pairs.map(([, guess]) => guess === p),
      pairs.map(([label]) => Number(label === p)),
    );
    return [phase, scoreOf(counts)] as const;
  });
  return {
    accuracy: pairs.filter(([label, guess]) => label === guess).length / Math.max(1, pairs.length),
    kappa: kappaOf(pairs),
    phases: Object.fromEntries(of) as Record<Phase, ReturnType<typeof scoreOf>>,
  };
}
