import { z } from 'zod';
import { BEHAVIOURS, Behaviour } from '../model/index.ts';
import { FEATURE_NAMES } from './features.ts';

/** Precision, recall and F1 by sentence, 0 to 1, and Cohen's kappa. */
export const DetectorScore = z.object({
  precision: z.number().min(0).max(1),
  recall: z.number().min(0).max(1),
  f1: z.number().min(0).max(1),
  kappa: z.number().min(-1).max(1),
});
export type DetectorScore = z.infer<typeof DetectorScore>;

/** Ways in which the features of a sentence and of its neighbours reach a decision. */
export const CHANNELS = ['now', 'before', 'after', 'past', 'future', 'stay', 'close'] as const;
export type Channel = (typeof CHANNELS)[number];

const weightsOfChannel = z.array(z.number()).length(FEATURE_NAMES.length);

/**
 * A chain of two states, in the act or not, over the sentences of a text. `now`, `before`, `after`: weights of the features of the sentence
 * and its neighbours for being in the act; `past`, `future`: of their fading means; `stay`: for going on with it; `close`: for ending.
 */
export const KindWeights = z.object({
  channels: z.record(z.enum(CHANNELS), weightsOfChannel),
  /** From this probability on a sentence carries the kind. */
  threshold: z.number().min(0).max(1),
  /** Measured on models that the weights had not seen: see docs/behaviours.md. */
  scores: z.object({ byModel: DetectorScore, byTrace: DetectorScore }),
});
export type KindWeights = z.infer<typeof KindWeights>;

export const ClassifierWeights = z.object({
  command: z.string(),
  /** SHA-256 over the labels and the texts that they belong to, 16 hex digits. */
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  documents: z.number().int().positive(),
  sentences: z.number().int().positive(),
  features: z.array(z.string()),
  kinds: z.record(Behaviour, KindWeights),
});
export type ClassifierWeights = z.infer<typeof ClassifierWeights>;
export { BEHAVIOURS };
