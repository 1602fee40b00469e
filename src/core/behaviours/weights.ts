import { z } from 'zod';
import { Behaviour, Phase } from '../schemas/index.ts';
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
  /** Of the labels of behaviours: see scripts/behaviours/labels.ts. */
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  /** Hash of the names of the features (hashes.ts). */
  features: z.number().int(),
  /** Weights are whole numbers that are divided by this. */
  scale: z.number().positive(),
  kinds: z.record(Behaviour, KindWeights),
});
export type ClassifierWeights = z.infer<typeof ClassifierWeights>;

/** The content of `phases.json`: the table of phases.ts, as whole numbers that are divided by `scale`. */
export const PhaseWeights = z.object({
  command: z.string(),
  /** Of the texts and people's labels: see scripts/behaviours/people.ts. */
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  scale: z.number().positive(),
  /** A sentence is an act of verification from this probability of the phase `verify` on. */
  actThreshold: z.number().min(0).max(1),
  weights: z.array(z.number().int()).length(PHASE_WEIGHTS),
});
export type PhaseWeights = z.infer<typeof PhaseWeights>;

/** Scores of the phases: over all eight, and of each against all others. */
const PhaseScores = z.object({
  accuracy: z.number().min(0).max(1),
  kappa: z.number().min(-1).max(1),
  phases: z.record(Phase, BehaviourScore),
});
export type PhaseScores = z.infer<typeof PhaseScores>;

/** The content of `scores.json`: scores by sentence, measured on texts that the weights had not seen. */
export const ClassifierScores = z.object({
  command: z.string(),
  dataHash: z.string().regex(/^[0-9a-f]{16}$/),
  documents: z.number().int().positive(),
  sentences: z.number().int().positive(),
  /** Sentences in episodes, by our labels; a family of models was held out. */
  byModel: z.record(Behaviour, BehaviourScore),
  /** Acts, by people's labels: `verify` with a model held out, `plan` by weights that had not seen the texts. */
  byPeople: z.partialRecord(Behaviour, BehaviourScore),
  /** Phases, by people's labels; a model or a problem was held out. */
  phases: z.object({ byModel: PhaseScores, byProblem: PhaseScores }),
});
export type ClassifierScores = z.infer<typeof ClassifierScores>;
