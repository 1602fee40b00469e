import { cohenKappa } from '../../maths/kappa.ts';
import { drawFrom, randomSource } from '../../maths/random.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type ClassifierHead,
  type HeadOutcome,
  type HeadScore,
} from '../../schemas/index.ts';
import type { SentenceScores } from '../classify.ts';
import { MARK, marksOf } from '../episodes.ts';
import { type FitRows, fitHead, logOdds, surprise } from './fit.ts';
import { HEAD_INPUTS, shippedLogit, withHead, writeInputs } from './inputs.ts';

/** What a reviewer said of one sentence. */
export interface SentenceLabel {
  /** Place among the sentences of the chain. */
  sentence: number;
  /** The behaviours of which it is known whether the sentence has them. */
  known: Partial<Readonly<Record<Behaviour, boolean>>>;
  /** How much it counts in the fit, more than 0 and at most 1. */
  weight: number;
  /** It was chosen without a look at whether its marks are right, so it may show whether a refit is better. */
  decides: boolean;
}

/** A chain as the shipped classifier reads it, with its labels. */
export interface LabelledChain {
  id: string;
  scores: SentenceScores;
  labels: readonly SentenceLabel[];
}

export type Refit = Pick<ClassifierHead, 'weights' | 'outcomes'>;

/** Penalties to choose from, strongest first. */
const STRENGTHS = [24, 6, 1.5, 0.4];
const OUTER_FOLDS = 4;
const INNER_FOLDS = 3;
/** Fewest chains: so that the strength can be chosen without the chain that decides. */
const LEAST_CHAINS = 4;
/** Fewest deciding labels, and of them fewest with and without the behaviour. */
const LEAST_LABELS = 40;
const LEAST_OF_EACH = 5;

/**
 * Fits a head for each behaviour to labels, and keeps it where it is better on labels of chains that it was not fitted to. Nested: the strength is
 * chosen by cross-validation by chain inside the chains of the fit alone. The kept head is fitted to all labels. Deterministic.
 */
export function refitHead(chains: readonly LabelledChain[], seed: number): Refit {
  const weights: Refit['weights'] = {};
  const outcomes = BEHAVIOURS.map((kind) => {
    const { outcome, fitted } = refitKind(chains, kind, seed);
    if (fitted) weights[kind] = Array.from(fitted, (weight) => Math.round(weight * 1e4) / 1e4);
    return outcome;
  });
  return { weights, outcomes };
}

function refitKind(
  all: readonly LabelledChain[],
  kind: Behaviour,
  seed: number,
): { outcome: HeadOutcome; fitted?: Float64Array } {
  const chains = all.filter(({ labels }) => labels.some(({ known }) => known[kind] !== undefined));
  const labels = chains.flatMap((chain) => chain.labels.filter(({ known }) => known[kind] !== undefined));
  const deciding = labels.filter(({ decides }) => decides);
  const positives = deciding.filter(({ known }) => known[kind] === true).length;
  const counted = {
    kind,
    labels: labels.length,
    positives: labels.filter(({ known }) => known[kind] === true).length,
    deciding: deciding.length,
  };
  const enough =
    chains.length >= LEAST_CHAINS &&
    deciding.length >= LEAST_LABELS &&
    positives >= LEAST_OF_EACH &&
    deciding.length - positives >= LEAST_OF_EACH;
  if (!enough) return { outcome: { ...counted, verdict: 'few' } };
  const dealt = drawFrom(chains, chains.length, randomSource(seed));
  const { before, after } = heldBack(dealt, kind);
  const better = after.kappa > before.kappa && after.f1 > before.f1;
  if (!better) return { outcome: { ...counted, verdict: 'same', before, after } };
  return { outcome: { ...counted, verdict: 'better', before, after }, fitted: fitChains(dealt, kind) };
}

/** Marks of the held-back labels before and after, over all folds. */
function heldBack(chains: readonly LabelledChain[], kind: Behaviour) {
  const [before, after] = [new Table(), new Table()];
  for (let fold = 0; fold < OUTER_FOLDS; fold += 1) {
    const held = chains.filter((_, i) => i % OUTER_FOLDS === fold);
    const weights = fitChains(
      chains.filter((_, i) => i % OUTER_FOLDS !== fold),
      kind,
    );
    for (const { scores, labels } of held) {
      const was = marksOf(scores)[kind];
      const is = marksOf(withHead(scores, { number: 0, weights: { [kind]: Array.from(weights) } }))[kind];
      for (const { sentence, known, decides } of labels) {
        const label = known[kind];
        if (label === undefined || !decides) continue;
        const [old, now] = [was[sentence] !== MARK.none, is[sentence] !== MARK.none];
        before.add(old, label);
        after.add(now, label);
      }
    }
  }
  return { before: before.score, after: after.score };
}

/** The weights for a behaviour, with the strength that is best for chains of these that are held out in turn. */
function fitChains(chains: readonly LabelledChain[], kind: Behaviour): Float64Array {
  const { rows, folds } = rowsOf(chains, kind);
  const all = Array.from(folds, (_, row) => row);
  const losses = STRENGTHS.map(() => 0);
  for (let fold = 0; fold < INNER_FOLDS; fold += 1) {
    const inside = all.filter((row) => folds[row] !== fold);
    let weights: Float64Array | undefined;
    for (const [s, strength] of STRENGTHS.entries()) {
      weights = fitHead(rows, inside, strength, weights);
      for (const row of all) {
        if (folds[row] !== fold) continue;
        losses[s] =
          (losses[s] ?? 0) + (rows.weights[row] ?? 0) * surprise(rows.labels[row] ?? 0, logOdds(rows, row, weights));
      }
    }
  }
  const strength = STRENGTHS[losses.indexOf(Math.min(...losses))] ?? 1;
  return fitHead(rows, all, strength);
}

/** The labelled sentences as rows, with the inner fold of each: that of its chain. */
function rowsOf(chains: readonly LabelledChain[], kind: Behaviour): { rows: FitRows; folds: Uint8Array } {
  const found = chains.flatMap(({ scores, labels }, chain) =>
    labels.flatMap((label) => (label.known[kind] === undefined ? [] : { chain, scores, ...label })),
  );
  const width = HEAD_INPUTS.length;
  const inputs = new Float64Array(found.length * width);
  for (const [row, { scores, sentence }] of found.entries()) writeInputs(scores, kind, sentence, inputs, row * width);
  const rows = {
    width,
    inputs,
    offset: Float64Array.from(found, ({ scores, sentence }) => shippedLogit(scores, kind, sentence)),
    labels: Uint8Array.from(found, ({ known }) => Number(known[kind])),
    weights: Float64Array.from(found, ({ weight }) => weight),
  };
  return { rows, folds: Uint8Array.from(found, ({ chain }) => chain % INNER_FOLDS) };
}

/** Counts of marks against labels. */
class Table {
  #both = 0;
  #marked = 0;
  #labelled = 0;
  #neither = 0;

  add(mark: boolean, label: boolean): void {
    if (mark && label) this.#both += 1;
    else if (mark) this.#marked += 1;
    else if (label) this.#labelled += 1;
    else this.#neither += 1;
  }

  get score(): HeadScore {
    const [both, marked, labelled] = [this.#both, this.#marked, this.#labelled];
    const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
    return {
      precision: ratio(both, both + marked),
      recall: ratio(both, both + labelled),
      f1: ratio(2 * both, 2 * both + marked + labelled),
      kappa: cohenKappa(both, marked, labelled, this.#neither) ?? 0,
    };
  }
}
