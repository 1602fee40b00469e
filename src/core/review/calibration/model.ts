import { z } from 'zod';
import { Behaviour, SpanSource } from '../../schemas/index.ts';

/** Sources of spans other than `human`. */
export const AutomaticSource = SpanSource.exclude(['human']);
export type AutomaticSource = z.infer<typeof AutomaticSource>;

const count = z.number().int().nonnegative();

/** The marks of a sentence by source: an empty list without a mark, absent if the source has not read the chain. */
export const Marks = z.partialRecord(AutomaticSource, z.array(Behaviour));
export type Marks = z.infer<typeof Marks>;

/** A sentence to label: `[start, end)` of the chain's text in UTF-16 code units, without the white space after it. */
export const PlannedSentence = z.object({
  chainId: z.string().min(1),
  /** Of the chain's text when the plan was drawn; the offsets are valid only for this text. */
  hash: z.string().min(1),
  start: count,
  end: count,
  stratum: z.string(),
  /** Probability of being in the sample. */
  probability: z.number().gt(0).max(1),
  /** As they were when the plan was drawn. */
  marks: Marks,
});
export type PlannedSentence = z.infer<typeof PlannedSentence>;

/** Sentences of the sampled chains that a source has read, and those that it marked. */
export const SourcePopulation = z.object({
  detector: AutomaticSource,
  sentences: count,
  marked: z.record(Behaviour, count),
});
export type SourcePopulation = z.infer<typeof SourcePopulation>;

/** `calibrations/<n>-<reviewer>/plan.json`: everything that is decided before the first label, without texts. */
export const CalibrationPlan = z.object({
  version: z.literal(1),
  /** The same for all reviewers who label the same sentences. */
  id: z.string().min(8),
  reviewer: z.string().min(1),
  createdAt: z.string(),
  /** The sentences were chosen to teach the classifier. They are no random sample, so nothing is estimated from them. */
  purpose: z.literal('learning').optional(),
  seed: count,
  /** All chains, the sampled ones, and their sentences. */
  population: z.object({ chains: count, read: count, sentences: count }),
  detectors: z.array(SourcePopulation),
  strata: z.array(z.object({ name: z.string(), size: count, drawn: count })),
  /** In display order. */
  sentences: z.array(PlannedSentence).min(1),
});
export type CalibrationPlan = z.infer<typeof CalibrationPlan>;

const base = { id: z.string().min(1), at: z.string(), reviewer: z.string().min(1) };

/** A line of `calibrations/<n>-<reviewer>/labels.jsonl`. `sentence` is an index of the plan's list. Undo and redo are acts too. */
export const CalibrationAct = z.discriminatedUnion('act', [
  /** The behaviours of the sentence; an empty list is a label too. */
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

/** The scores of a source for one behaviour. Estimates are null without labels for them. */
export const KindScore = z.object({
  kind: Behaviour,
  /** Labelled sentences by who marked them: both, only the source, only the curator, neither. */
  counts: z.object({ both: count, detector: count, curator: count, neither: count }),
  precision: Estimate.nullable(),
  recall: Estimate.nullable(),
  f1: share.nullable(),
  /** Cohen's κ of source and curator over the sampled chains. */
  kappa: z.number().nullable(),
  /** An explanation of the scores. */
  meaning: z.string(),
});
export type KindScore = z.infer<typeof KindScore>;

export const SourceScore = z.object({ detector: AutomaticSource, title: z.string(), kinds: z.array(KindScore) });
export type SourceScore = z.infer<typeof SourceScore>;

/** Two reviewers of the same plan: κ of each behaviour over the sentences that both labelled; null if undefined. */
export const Agreement = z.object({
  reviewer: z.string(),
  sentences: count,
  kappa: z.record(Behaviour, z.number().nullable()),
});
export type Agreement = z.infer<typeof Agreement>;

/** The result of a calibration. */
export const CalibrationReport = z.object({
  calibration: z.string(),
  reviewer: z.string(),
  createdAt: z.string(),
  sentences: count,
  labelled: count,
  skipped: count,
  /** As of the plan: then there are no scores. */
  purpose: z.literal('learning').optional(),
  detectors: z.array(SourceScore),
  agreement: z.array(Agreement),
});
export type CalibrationReport = z.infer<typeof CalibrationReport>;
