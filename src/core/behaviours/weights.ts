import { z } from 'zod';
import { Behaviour } from '../model/index.ts';
import { FEATURE_NAMES, WIDE_FEATURES } from './features.ts';

/** How well a detector does by sentence, 0 to 1, with Cohen's kappa, and on how many sentences of the kind that was measured. */
export const BehaviourScore = z.object({
  precision: z.number().min(0).max(1),
  recall: z.number().min(0).max(1),
  f1: z.number().min(0).max(1),
  kappa: z.number().min(-1).max(1),
  positives: z.number().nonnegative(),
});
export type BehaviourScore = z.infer<typeof BehaviourScore>;

/**
 * A chain of two states, in the act or not, over the sentences of a text. `now`, `before`, `after`: weights of the features of the sentence
 * and of its neighbours for being in the act; `past`, `future`: of what stands further away, fading; `stay`: for going on with the act;
 * `close`: for having ended it.
 */
export const CHANNELS = ['now', 'before', 'after', 'past', 'future', 'stay', 'close'] as const;
export type Channel = (typeof CHANNELS)[number];

const channel = z.array(z.number()).length(WIDE_FEATURES);

export const KindWeights = z.object({
  /** One number for each wide feature; for the sentence itself, one for each phrase too. */
  channels: z.strictObject({
    now: z.array(z.number()).length(FEATURE_NAMES.length),
    before: channel,
    after: channel,
    past: channel,
    future: channel,
    stay: channel,
    close: channel,
  }),
  /** Makes a probability of the chain one that is right as often as it says: logit(p) · slope + shift, again as a probability. */
  calibration: z.object({ slope: z.number().positive(), shift: z.number() }),
  /** From this calibrated probability on a sentence carries the kind. */
  threshold: z.number().min(0).max(1),
});
export type KindWeights = z.infer<typeof KindWeights>;

/** What `weights.json` holds. */
export const ClassifierWeights = z.object({
  command: z.string(),
  /** Of the labels that the weights were trained on: see scripts/behaviours/labels.ts. */
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  features: z.array(z.string()),
  kinds: z.record(Behaviour, KindWeights),
});
export type ClassifierWeights = z.infer<typeof ClassifierWeights>;

/** What `scores.json` holds: by kind, measured on texts of a model that the weights of the measurement had not seen, and on unseen texts. */
export const ClassifierScores = z.object({
  command: z.string(),
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  documents: z.number().int().positive(),
  sentences: z.number().int().positive(),
  byModel: z.record(Behaviour, BehaviourScore),
  byTrace: z.record(Behaviour, BehaviourScore),
});
export type ClassifierScores = z.infer<typeof ClassifierScores>;
