import { calibrated } from '../../src/core/behaviours/classify.ts';
import { type FeatureRows, featureRows } from '../../src/core/behaviours/features.ts';
import type { KindWeights } from '../../src/core/behaviours/weights.ts';
import type { Behaviour } from '../../src/core/schemas/index.ts';
import { type Example, fitWeights, type Penalty, predict } from './fit.ts';
import { guideExamples } from './guide.ts';
import type { LabelledText } from './labels.ts';
import { confusion, merged, scoreOf } from './metrics.ts';
import { minimise } from './minimise.ts';

/** Found on folds that hold out a model. Rare kinds need larger weights for words. */
const RARE: Penalty = { own: 1, neighbours: 8, far: 50, phrases: 4 };
/** Penalty of weights, by kind. */
export const PENALTIES: Readonly<Record<Behaviour, Penalty>> = {
  verification: { own: 16, neighbours: 64, far: 200, phrases: 60 },
  backtracking: RARE,
  subgoal: { own: 3, neighbours: 16, far: 100, phrases: 4 },
  backward: RARE,
};
/** Writers of the labelled texts that are alike. */
export const FAMILIES: readonly [string, (model: string) => boolean][] = [
  ['R1 distillations', (model) => model.startsWith('deepseek')],
  ['Sky-T1', (model) => model.startsWith('Sky')],
  ['our own chains, pieces not given', (model) => model === 'handwritten'],
];
/** Sentences around the labelled ones that still reach them through the fading channels. */
const MARGIN = 24;

/** A labelled text ready to train on and to be measured: its features with and without what is known of it besides its words. */
export interface Prepared {
  text: LabelledText;
  from: number;
  to: number;
  /** Nothing is known but the words. Measured on these. */
  plain: FeatureRows;
  /** The problem is known, and the pieces of a chain of our own. */
  informed: FeatureRows;
}

/** Computes the features of the labelled texts, on the whole text, and keeps those of the labelled stretch and its surroundings. */
export function prepare(texts: readonly LabelledText[]): Prepared[] {
  return texts.map((text) => {
    const { document, sentences } = text;
    const first = Math.max(0, text.from - MARGIN);
    const last = Math.min(sentences.length, text.to + MARGIN);
    const context = { problem: document.problem, pieces: document.pieces };
    return {
      text,
      from: text.from - first,
      to: text.to - first,
      plain: cut(featureRows(document.text, sentences), first, last),
      informed: cut(featureRows(document.text, sentences, context), first, last),
    };
  });
}

/** The rows of the sentences from `first` to `last`. */
export function cut({ starts, ids, values }: FeatureRows, first: number, last: number): FeatureRows {
  const [from, to] = [starts[first] ?? 0, starts[last] ?? 0];
  return {
    count: last - first,
    starts: starts.slice(first, last + 1).map((start) => start - from),
    ids: ids.slice(from, to),
    values: values.slice(from, to),
  };
}

/**
 * What weights of a kind are trained on: every text twice at half weight, with and without what is known besides, so that the weights serve
 * both; and the examples of the annotation guide.
 */
export function examplesOf(prepared: readonly Prepared[], kind: Behaviour): Example[] {
  const labelled = prepared.flatMap(({ text, from, to, plain, informed }) =>
    [plain, informed].map((rows) => ({ rows, from, to, passes: text.passes[kind], weight: 0.5 })),
  );
  return [...labelled, ...guideExamples(kind)];
}

/**
 * Probabilities for the labelled sentences of every text, by weights that were trained without its fold. In the order of the texts.
 */
export function crossValidate(
  prepared: readonly Prepared[],
  kind: Behaviour,
  foldOf: (text: LabelledText) => string,
): Float64Array[] {
  const results = new Map<Prepared, Float64Array>();
  for (const fold of new Set(prepared.map(({ text }) => foldOf(text)))) {
    const outside = prepared.filter(({ text }) => foldOf(text) !== fold);
    const weights = fitWeights(examplesOf(outside, kind), PENALTIES[kind]);
    for (const one of prepared) {
      if (foldOf(one.text) !== fold) continue;
      results.set(one, predict(weights, { rows: one.plain, from: one.from, to: one.to }));
    }
  }
  return prepared.map((one) => results.get(one) ?? new Float64Array());
}

/** Slope and shift that calibrate the probabilities: logistic regression on their logits (Platt 1999). */
export function calibrate(probabilities: ArrayLike<number>, labels: ArrayLike<number>): KindWeights['calibration'] {
  const logits = Array.from(probabilities, (p) => {
    const inside = Math.min(1 - 1e-6, Math.max(1e-6, p));
    return Math.log(inside / (1 - inside));
  });
  const [slope = 1, shift = 0] = minimise(
    ([a = 1, b = 0]) => {
      const gradient = new Float64Array(2);
      let loss = 0;
      for (const [i, logit] of logits.entries()) {
        const z = a * logit + b;
        const label = labels[i] ?? 0;
        const p = 1 / (1 + Math.exp(-z));
        loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - label * z;
        gradient[0] = (gradient[0] ?? 0) + (p - label) * logit;
        gradient[1] = (gradient[1] ?? 0) + (p - label);
      }
      return [loss, gradient];
    },
    Float64Array.of(1, 0),
    50,
  );
  return { slope, shift };
}

/** The threshold with the best F1, in steps of 0.01, and that F1. */
export function bestThreshold(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): { threshold: number; f1: number } {
  const steps = Array.from({ length: 89 }, (_, i) => (i + 5) / 100);
  return steps
    .map((threshold) => ({
      threshold,
      f1: scoreOf(
        confusion(
          Array.from(probabilities, (p) => p >= threshold),
          labels,
        ),
      ).f1,
    }))
    .reduce((best, one) => (one.f1 > best.f1 ? one : best));
}

/** The texts that were labelled in two passes. Scores, calibration and threshold go by them; what was labelled once is trained on and measured apart. */
export function labelledTwice<One>(prepared: readonly Prepared[], ones: readonly One[]): One[] {
  return ones.filter((_, i) => prepared[i]?.text.single === false);
}

/**
 * Calibration and threshold from probabilities of texts that were held out. Of calibrated probabilities the threshold that is best for F1 is half
 * of the F1 that can be had (Lipton, Elkan and Naryanaswamy 2014): steadier than the best one on these texts, and better for
 * texts of another style, of which the classifier is less sure. It goes by other people's texts alone: chains of our own have pieces. Backward reasoning stands, but for five sentences, in our own chains alone; its threshold goes by all texts.
 */
export function settle(
  prepared: readonly Prepared[],
  kind: Behaviour,
  held: readonly Float64Array[],
): Pick<KindWeights, 'calibration' | 'threshold'> {
  const labels = prepared.map(({ text }) => merged(text.passes[kind]));
  const calibration = calibrate(flat(held), flat(labels));
  const judged = (arrays: readonly Float64Array[]): Float64Array =>
    flat(arrays.filter((_, i) => kind === 'backward' || prepared[i]?.text.document.pieces === undefined));
  const sure = judged(held).map((p) => calibrated(p, calibration));
  return { calibration, threshold: Math.round(bestThreshold(sure, judged(labels)).f1 * 50) / 100 };
}

/** How texts are held out for a kind: one model at a time, or one trace at a time if only one model shows the kind. */
export function foldsFor(
  kind: Behaviour,
  folds: { byModel: readonly Float64Array[]; byTrace: readonly Float64Array[] },
): readonly Float64Array[] {
  return kind === 'backward' ? folds.byTrace : folds.byModel;
}

/** One array after the other. */
export function flat(arrays: readonly Float64Array[]): Float64Array {
  return Float64Array.from(arrays.flatMap((array) => [...array]));
}
