import { z } from 'zod';
import { Behaviour } from '../schemas/index.ts';
import { FEATURE_NAMES, WIDE_FEATURES } from './features.ts';
import { PHASE_WEIGHTS } from './phases.ts';

/** Accuracy of the classifier by sentence, with Cohen's kappa, and the number of sentences of the kind. */
export const BehaviourScore = z.object({
  precision: z.number().min(0).max(1),
  recall: z.number().min(0).max(1),
  f1: z.number().min(0).max(1),
  kappa: z.number().min(-1).max(1),
  positives: z.number().nonnegative(),
});
export type BehaviourScore = z.infer<typeof BehaviourScore>;

/**
 * Weights of a chain with two states, in the act or not. `now`, `before`, `after`: features of the sentence and its neighbours; `past`,
 * `future`: of distant sentences, fading; `stay`: for continuing the act; `close`: for having ended it.
 */
export const CHANNELS = ['now', 'before', 'after', 'past', 'future', 'stay', 'close'] as const;
export type Channel = (typeof CHANNELS)[number];

const channel = z.array(z.number()).length(WIDE_FEATURES);

export const KindWeights = z.object({
  /** One number for each wide feature; `now` also has one for each phrase. */
  channels: z.strictObject({
    now: z.array(z.number()).length(FEATURE_NAMES.length),
    before: channel,
    after: channel,
    past: channel,
    future: channel,
    stay: channel,
    close: channel,
  }),
  /** Turns the chain's probability into a calibrated one: logit(p) · slope + shift, as a probability again. */
  calibration: z.object({ slope: z.number().positive(), shift: z.number() }),
  /** A sentence shows the kind from this calibrated probability on. */
  threshold: z.number().min(0).max(1),
});
export type KindWeights = z.infer<typeof KindWeights>;

/** The content of `weights.json`. */
export const ClassifierWeights = z.object({
  command: z.string(),
  /** Of the labels used for training: see scripts/behaviours/labels.ts. */
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  features: z.array(z.string()),
  kinds: z.record(Behaviour, KindWeights),
});
export type ClassifierWeights = z.infer<typeof ClassifierWeights>;

/** The content of `phases.json`: the table of phases.ts, as whole numbers that are divided by `scale`. */
export const PhaseWeights = z.object({
  command: z.string(),
  scale: z.number().positive(),
  weights: z.array(z.number().int()).length(PHASE_WEIGHTS),
});
export type PhaseWeights = z.infer<typeof PhaseWeights>;

/** The content of `scores.json`: scores by kind, measured on texts of an unseen model and on unseen texts. */
export const ClassifierScores = z.object({
  command: z.string(),
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  documents: z.number().int().positive(),
  sentences: z.number().int().positive(),
  byModel: z.record(Behaviour, BehaviourScore),
  byTrace: z.record(Behaviour, BehaviourScore),
  /** On labels by people, each model's texts read by a classifier that has not seen the model. */
  byPeople: z.partialRecord(Behaviour, BehaviourScore).optional(),
});
export type ClassifierScores = z.infer<typeof ClassifierScores>;
