import { z } from 'zod';
import { Behaviour, SpanSource } from '../model/index.ts';

/** Whoever marks behaviours without being a person: the sources of spans but `human`. */
export const Detector = SpanSource.exclude(['human']);
export type Detector = z.infer<typeof Detector>;

const count = z.number().int().nonnegative();

/** What each detector calls a sentence. One that has not read the chain is absent; one that read it and marked nothing has an empty list. */
export const Marks = z.partialRecord(Detector, z.array(Behaviour));
export type Marks = z.infer<typeof Marks>;

/** A sentence to be labelled: `[start, end)` of the chain's text in UTF-16 code units, without the white space after it. */
export const PlannedSentence = z.object({
  chainId: z.string().min(1),
  /** Of the chain's text when the plan was drawn: in a text that changed since, the offsets mean nothing. */
  hash: z.string().min(1),
  start: count,
  end: count,
  stratum: z.string(),
  /** With which it came into the sample. */
  probability: z.number().gt(0).max(1),
  /** Frozen: what the detectors said when the plan was drawn. */
  marks: Marks,
});
export type PlannedSentence = z.infer<typeof PlannedSentence>;

/** How much of the sampled chains a detector has read, and how many of those sentences it marked. */
export const DetectorPopulation = z.object({
  detector: Detector,
  sentences: count,
  marked: z.record(Behaviour, count),
});
export type DetectorPopulation = z.infer<typeof DetectorPopulation>;

/** `calibrations/<n>-<reviewer>/plan.json`: everything that was decided before the first label. No texts. */
export const CalibrationPlan = z.object({
  version: z.literal(1),
  /** The same for all reviewers who label the same sentences. */
  id: z.string().min(8),
  reviewer: z.string().min(1),
  createdAt: z.string(),
  seed: count,
  /** Chains that could have been read, those that were, and the sentences of these. */
  population: z.object({ chains: count, read: count, sentences: count }),
  detectors: z.array(DetectorPopulation),
  strata: z.array(z.object({ name: z.string(), size: count, drawn: count })),
  /** In the order in which they are shown. */
  sentences: z.array(PlannedSentence).min(1),
});
export type CalibrationPlan = z.infer<typeof CalibrationPlan>;

const base = { id: z.string().min(1), at: z.string(), reviewer: z.string().min(1) };

/** A line of `calibrations/<n>-<reviewer>/labels.jsonl`. `sentence` is a place in the plan's list, from 0. Undo and redo are acts too. */
export const CalibrationAct = z.discriminatedUnion('act', [
  /** The kinds that the sentence has; none is a label as well. */
  z.object({ ...base, act: z.literal('label'), sentence: count, kinds: z.array(Behaviour) }),
  /** The reviewer is unsure; the sentence counts as not drawn. */
  z.object({ ...base, act: z.literal('skip'), sentence: count }),
  z.object({ ...base, act: z.literal('undo'), target: z.string() }),
  z.object({ ...base, act: z.literal('redo'), target: z.string() }),
]);
export type CalibrationAct = z.infer<typeof CalibrationAct>;

const share = z.number().min(0).max(1);

/** An estimate with its 90 % interval. */
export const Estimate = z.object({ value: share, low: share, high: share });
export type Estimate = z.infer<typeof Estimate>;

/** How a detector does on one kind. Estimates are null where nothing was labelled that they could be made of. */
export const KindScore = z.object({
  kind: Behaviour,
  /** Labelled sentences that only the detector, only the curator, both, or neither call so. */
  counts: z.object({ both: count, detector: count, curator: count, neither: count }),
  precision: Estimate.nullable(),
  recall: Estimate.nullable(),
  f1: share.nullable(),
  /** Cohen's κ of detector and curator over the sampled chains. */
  kappa: z.number().nullable(),
  /** What the numbers mean, for a person. */
  meaning: z.string(),
});
export type KindScore = z.infer<typeof KindScore>;

export const DetectorScore = z.object({ detector: Detector, title: z.string(), kinds: z.array(KindScore) });
export type DetectorScore = z.infer<typeof DetectorScore>;

/** Two reviewers of the same plan: κ of each kind over the sentences that both labelled; null where it is not defined. */
export const Agreement = z.object({
  reviewer: z.string(),
  sentences: count,
  kappa: z.record(Behaviour, z.number().nullable()),
});
export type Agreement = z.infer<typeof Agreement>;

/** What a calibration has come to. */
export const CalibrationReport = z.object({
  calibration: z.string(),
  reviewer: z.string(),
  createdAt: z.string(),
  sentences: count,
  labelled: count,
  skipped: count,
  detectors: z.array(DetectorScore),
  agreement: z.array(Agreement),
});
export type CalibrationReport = z.infer<typeof CalibrationReport>;
