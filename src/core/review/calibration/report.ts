import { cohenKappa } from '../../maths/kappa.ts';
import { BEHAVIOURS, type Behaviour } from '../../schemas/index.ts';
import { estimateShare, recallInterval, type StratumSizes, shareInterval } from './estimate.ts';
import { foldCalibration, type Label } from './fold.ts';
import { meaningOf, sourceTitle } from './format.ts';
import type {
  Agreement,
  CalibrationAct,
  CalibrationPlan,
  CalibrationReport,
  KindScore,
  PlannedSentence,
  SourcePopulation,
} from './model.ts';

/** A stored calibration: name, plan and acts. */
export interface Calibration {
  name: string;
  plan: CalibrationPlan;
  acts: readonly CalibrationAct[];
}

/** A labelled sentence with its weight. */
interface Labelled {
  sentence: PlannedSentence;
  weight: number;
  kinds: readonly Behaviour[];
}

/**
 * Precision, recall, F1 and κ of every source and behaviour from the labels so far, and the agreement with `others` who labelled the same plan.
 * Sentences are in random order, so the labelled ones are a random part of each stratum; skipped and open ones count as not drawn.
 */
export function calibrationReport(calibration: Calibration, others: readonly Calibration[] = []): CalibrationReport {
  const { name, plan, acts } = calibration;
  const { labels } = foldCalibration(plan, acts);
  const isLearning = plan.purpose === 'learning';
  const sizes = stratumSizes(plan, labels);
  const labelled = plan.sentences.flatMap((sentence, i): Labelled[] => {
    const label = labels.get(i);
    if (label === undefined || label === 'skipped') return [];
    const { size = 1, labelled: n = 1 } = sizes.get(sentence.stratum) ?? {};
    return [{ sentence, weight: size / n, kinds: label.kinds }];
  });
  return {
    calibration: name,
    reviewer: plan.reviewer,
    createdAt: plan.createdAt,
    sentences: plan.sentences.length,
    labelled: labelled.length,
    skipped: [...labels.values()].filter((label) => label === 'skipped').length,
    ...(isLearning && { purpose: 'learning' as const }),
    // Sentences chosen to teach the classifier are no sample of the population.
    detectors: (isLearning ? [] : plan.detectors).map((population) => ({
      detector: population.detector,
      title: sourceTitle(population.detector),
      kinds: BEHAVIOURS.map((kind) => scoreKind(population, kind, labelled, sizes)),
    })),
    agreement: others
      .filter((other) => other.plan.id === plan.id && other.name !== name)
      .map((other) => agreementOf(labels, other)),
  };
}

function stratumSizes(plan: CalibrationPlan, labels: ReadonlyMap<number, Label>): StratumSizes {
  const labelled = new Map<string, number>();
  for (const [i, label] of labels) {
    const stratum = plan.sentences[i]?.stratum;
    if (label !== 'skipped' && stratum !== undefined) labelled.set(stratum, (labelled.get(stratum) ?? 0) + 1);
  }
  return new Map(plan.strata.map(({ name, size }) => [name, { size, labelled: labelled.get(name) ?? 0 }]));
}

function scoreKind(
  { detector, sentences, marked }: SourcePopulation,
  kind: Behaviour,
  labelled: readonly Labelled[],
  sizes: StratumSizes,
): KindScore {
  const units = labelled.map(({ sentence: { stratum, marks }, weight, kinds }) => ({
    stratum,
    weight,
    // Undefined if the source has not read the chain.
    marked: marks[detector]?.includes(kind),
    yes: kinds.includes(kind),
  }));
  const count = (mark: boolean, yes: boolean): number =>
    units.filter((one) => one.marked === mark && one.yes === yes).length;
  const counts = {
    both: count(true, true),
    detector: count(true, false),
    curator: count(false, true),
    neither: count(false, false),
  };
  const share = (mark: boolean) =>
    estimateShare(
      units.map((one) => ({ ...one, inside: one.marked === mark })),
      sizes,
    );
  const there = marked[kind];
  const absent = sentences - there;
  const found = there === 0 ? NOTHING : share(true);
  const missed = absent === 0 ? NOTHING : share(false);
  const precision = there === 0 || found === undefined ? null : shareInterval(found);
  const recall = found === undefined || missed === undefined ? null : recallInterval(found, there, missed, absent);
  const hits = there * (found?.value ?? 0);
  const misses = absent * (missed?.value ?? 0);
  const whole = found !== undefined && missed !== undefined;
  const score = {
    kind,
    counts,
    precision,
    recall,
    f1: precision !== null && recall !== null ? (2 * hits) / (there + hits + misses) : null,
    kappa: whole ? cohenKappa(hits, there - hits, misses, absent - misses) : null,
  };
  return { ...score, meaning: meaningOf(detector, score) };
}

/** The share in an empty part of the population. */
const NOTHING = { value: 0, n: 0, effective: 0 };

function agreementOf(mine: ReadonlyMap<number, Label>, other: Calibration): Agreement {
  const theirs = foldCalibration(other.plan, other.acts).labels;
  const pairs = [...mine].flatMap(([i, label]) => {
    const their = theirs.get(i);
    if (label === 'skipped' || their === undefined || their === 'skipped') return [];
    return [{ mine: label.kinds, theirs: their.kinds }];
  });
  const kappa = (kind: Behaviour): number | null => {
    const count = (a: boolean, b: boolean): number =>
      pairs.filter((pair) => pair.mine.includes(kind) === a && pair.theirs.includes(kind) === b).length;
    return cohenKappa(count(true, true), count(true, false), count(false, true), count(false, false));
  };
  return {
    reviewer: other.plan.reviewer,
    sentences: pairs.length,
    kappa: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, kappa(kind)])) as Agreement['kappa'],
  };
}
