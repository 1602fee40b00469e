import { createHash } from 'node:crypto';
import { calibrated, KINDS, orPlan, type SentenceScores } from '../../src/core/behaviours/classify.ts';
import { type FeatureRows, featureRows, setPhases } from '../../src/core/behaviours/features.ts';
import type { PhaseTable } from '../../src/core/behaviours/phases.ts';
import type { KindWeights } from '../../src/core/behaviours/weights.ts';
import { BEHAVIOURS, type Behaviour, PHASES } from '../../src/core/schemas/index.ts';
import type { LabelledDocument } from './documents.ts';
import { type Example, fitWeights, type Penalty, predict } from './fit.ts';
import { guideExamples } from './guide.ts';
import type { LabelledText } from './labels.ts';
import { confusion, merged, scoreOf } from './metrics.ts';
import { minimise } from './minimise.ts';
import { documentOf, type PhaseText } from './people.ts';
import { predictPhases } from './phase-fit.ts';

/** Found on folds that hold out a model. Rare kinds need larger weights for words. */
const RARE: Penalty = { own: 1, neighbours: 8, far: 50, phrases: 4 };
/** Penalty of weights, by kind. */
export const PENALTIES: Readonly<Record<Behaviour, Penalty>> = {
  verification: { own: 16, neighbours: 64, far: 200, phrases: 60 },
  backtracking: RARE,
  subgoal: { own: 3, neighbours: 16, far: 100, phrases: 4 },
  backward: RARE,
};
/** How the names of models that are alike begin. Folds leave one family of writers out. */
const FAMILIES = ['deepseek', 'Sky', 'handwritten', 'QwQ', 'Qwen3', 'Phi4'];
/** The labelled texts by origin: scores are reported for each. */
export const ORIGINS: readonly [string, (document: LabelledDocument) => boolean][] = [
  ['R1 distillations', ({ model, sentences }) => model.startsWith('deepseek') && sentences === undefined],
  ['Sky-T1', ({ model }) => model.startsWith('Sky')],
  ['our own chains, pieces not given', ({ model }) => model === 'handwritten'],
  ['people’s texts', ({ sentences }) => sentences !== undefined],
];

/** How texts are held out for a kind: one family of writers at a time, or by trace if only one family shows the kind. */
export function foldsFor(kind: Behaviour): (text: LabelledText) => string {
  return kind === 'backward' ? byTrace : familyOf;
}

const familyOf = ({ document }: LabelledText): string =>
  FAMILIES.find((name) => document.model.startsWith(name)) ?? document.model;
/** Ten folds by the hash of the name. */
const byTrace = ({ document }: LabelledText): string =>
  String(Number.parseInt(createHash('sha256').update(document.id).digest('hex').slice(0, 8), 16) % 10);

/** Sentences around the labelled ones that still reach them through the fading channels. */
const MARGIN = 24;

/** A labelled text ready to train on and to be measured: its features with and without what is known of it besides its words. */
export interface Prepared {
  text: LabelledText;
  from: number;
  to: number;
  /** Nothing is known but the words. Measured on these. */
  plain: FeatureRows;
  /** The problem is known, and the pieces of a chain of our own. Absent: of a text whose problem is not there. */
  informed: FeatureRows | undefined;
  /** Probabilities of phases of the labelled sentences, by weights that had not seen the text. */
  phases: Float64Array;
}

/**
 * Computes the features of the labelled texts, on the whole text, and keeps those of the labelled stretch and its surroundings. `table` had not
 * seen the texts, except those of the people: `people` has their whole texts, with phases by weights that had not seen them.
 */
export function prepare(texts: readonly LabelledText[], table: PhaseTable, people: readonly Prepared[]): Prepared[] {
  const known = new Map(people.map((one) => [one.text.document.id, one]));
  const rowsOf = (...args: Parameters<typeof featureRows>): FeatureRows => {
    const rows = featureRows(...args);
    setPhases(rows, predictPhases(table, rows));
    return rows;
  };
  return texts.map((text) => {
    const { document, sentences } = text;
    const first = Math.max(0, text.from - MARGIN);
    const last = Math.min(sentences.length, text.to + MARGIN);
    const context = { problem: document.problem, pieces: document.pieces };
    const whole = known.get(document.id);
    const plain = whole?.plain ?? rowsOf(document.text, sentences);
    const phases = whole?.phases ?? predictPhases(table, plain);
    return {
      text,
      from: text.from - first,
      to: text.to - first,
      plain: cut(plain, first, last),
      informed: whole ? undefined : cut(rowsOf(document.text, sentences, context), first, last),
      phases: phases.slice(text.from * PHASES.length, text.to * PHASES.length),
    };
  });
}

const PLAN = PHASES.indexOf('plan');

/** The people's whole texts, whose plans are subgoals; they are measured and not trained on. `phases`: by weights that had not seen the text. */
export function preparePeople(texts: readonly PhaseText[], phases: readonly Float64Array[]): Prepared[] {
  return texts.map((one, i) => {
    const { text, sentences, phases: labels } = one;
    const rows = featureRows(text, sentences);
    setPhases(rows, phases[i] ?? new Float64Array());
    const none = new Uint8Array(labels.length);
    const plans = labels.map((phase) => Number(phase === PLAN));
    const passes = {
      verification: [none, none],
      backtracking: [none, none],
      subgoal: [plans, plans],
      backward: [none, none],
    } as const;
    const labelled = {
      document: documentOf(one),
      sentences,
      from: 0,
      to: sentences.length,
      passes,
      acts: passes,
      single: true,
    };
    return {
      text: labelled,
      from: 0,
      to: sentences.length,
      plain: rows,
      informed: undefined,
      phases: phases[i] ?? new Float64Array(),
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
  const labelled = prepared.flatMap(({ text, from, to, plain, informed }) => {
    const all = informed === undefined ? [plain] : [plain, informed];
    return all.map((rows) => ({ rows, from, to, passes: text.passes[kind], weight: 1 / all.length }));
  });
  return [...labelled, ...guideExamples(kind)];
}

/**
 * Probabilities of the sentences of `measured`, by weights that were trained on `prepared` without the fold of the text. In the order of
 * `measured`.
 */
export function crossValidate(
  prepared: readonly Prepared[],
  kind: Behaviour,
  foldOf: (text: LabelledText) => string,
  measured: readonly Prepared[] = prepared,
): Float64Array[] {
  const results = new Map<Prepared, Float64Array>();
  for (const fold of new Set(measured.map(({ text }) => foldOf(text)))) {
    const outside = prepared.filter(({ text }) => foldOf(text) !== fold);
    const weights = fitWeights(examplesOf(outside, kind), PENALTIES[kind]);
    for (const one of measured) {
      if (foldOf(one.text) !== fold) continue;
      results.set(one, predict(weights, { rows: one.plain, from: one.from, to: one.to }));
    }
  }
  return measured.map((one) => results.get(one) ?? new Float64Array());
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

/** The threshold with the best mean F1 over several sets of probabilities and labels, in steps of 0.01, and that F1. */
function bestThreshold(sets: readonly (readonly [Float64Array, Float64Array])[]): { threshold: number; f1: number } {
  const f1 = (threshold: number): number =>
    sets.reduce((sum, [probabilities, labels]) => {
      const decided = Array.from(probabilities, (p) => p >= threshold);
      return sum + scoreOf(confusion(decided, labels)).f1 / sets.length;
    }, 0);
  return Array.from({ length: 89 }, (_, i) => (i + 5) / 100)
    .map((threshold) => ({ threshold, f1: f1(threshold) }))
    .reduce((best, one) => (one.f1 > best.f1 ? one : best));
}

/** The texts that were labelled in two passes. Scores, calibration and threshold go by them; what was labelled once is trained on and measured apart. */
export function labelledTwice<One>(prepared: readonly Prepared[], ones: readonly One[]): One[] {
  return ones.filter((_, i) => prepared[i]?.text.single === false);
}

/** What a sentence of a text scores: the chain's probability, calibrated, and for subgoals joined with the phase `plan`. */
export function finalScores(
  kind: Behaviour,
  chain: Float64Array,
  { phases }: Prepared,
  calibration: KindWeights['calibration'],
): Float64Array {
  return chain.map((p, i) => {
    const inside = calibrated(p, calibration);
    return kind === 'subgoal' ? orPlan(inside, phases, i) : inside;
  });
}

/** The kinds of which the people's texts have labels. */
export const HELD_KINDS = BEHAVIOURS.filter((kind) => kind !== 'backward');

/**
 * Scores of the people's texts by weights of the behaviours that had not seen their fold, with the calibration of the shipped weights. Those of
 * other kinds than HELD_KINDS are 0.
 */
export function heldScores(
  prepared: readonly Prepared[],
  measured: readonly Prepared[],
  foldOf: (text: LabelledText) => string,
): SentenceScores[] {
  const scores = measured.map(({ phases, plain }) => {
    const none = BEHAVIOURS.map((kind) => [kind, new Float64Array(plain.count)] as const);
    return { phases, episodes: Object.fromEntries(none) as Record<Behaviour, Float64Array> };
  });
  for (const kind of HELD_KINDS) {
    for (const [i, chain] of crossValidate(prepared, kind, foldOf, measured).entries()) {
      const [one, score] = [measured[i], scores[i]];
      if (one && score) score.episodes[kind] = finalScores(kind, chain, one, KINDS[kind].calibration);
    }
  }
  return scores;
}

/**
 * Calibration and threshold from probabilities of texts that were held out. Of calibrated probabilities the threshold that is best for F1 is half
 * of the F1 that can be had (Lipton, Elkan and Naryanaswamy 2014): steadier than the best one on these texts, and better for
 * texts of another style, of which the classifier is less sure. It goes by other people's texts alone: chains of our own have pieces. Backward
 * reasoning occurs, but for five sentences, in our own chains alone; its threshold goes by all texts. Subgoals, which are no calibrated
 * probabilities, have the threshold with the best mean F1 on our labels and on the plans of `people`.
 */
export function settle(
  prepared: readonly Prepared[],
  kind: Behaviour,
  held: readonly Float64Array[],
  people: { prepared: readonly Prepared[]; chain: readonly Float64Array[] },
): Pick<KindWeights, 'calibration' | 'threshold'> {
  const labels = prepared.map(({ text }) => merged(text.passes[kind]));
  const calibration = calibrate(flat(held), flat(labels));
  const judged = (arrays: readonly Float64Array[]): Float64Array =>
    flat(arrays.filter((_, i) => kind === 'backward' || prepared[i]?.text.document.pieces === undefined));
  const scored = (of: readonly Prepared[], chain: readonly Float64Array[]): Float64Array[] =>
    of.map((one, i) => finalScores(kind, chain[i] ?? new Float64Array(), one, calibration));
  const sets: [Float64Array, Float64Array][] = [[judged(scored(prepared, held)), judged(labels)]];
  if (kind !== 'subgoal') {
    const [scores, truth] = sets[0] ?? [new Float64Array(), new Float64Array()];
    return { calibration, threshold: Math.round(bestThreshold([[scores, truth]]).f1 * 50) / 100 };
  }
  const plans = people.prepared.map(({ text }) => merged(text.passes[kind]));
  sets.push([flat(scored(people.prepared, people.chain)), flat(plans)]);
  return { calibration, threshold: bestThreshold(sets).threshold };
}

/** One array after the other. */
export function flat(arrays: readonly Float64Array[]): Float64Array {
  return Float64Array.from(arrays.flatMap((array) => [...array]));
}
