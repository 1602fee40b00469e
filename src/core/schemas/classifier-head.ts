import { z } from 'zod';
import { Behaviour } from './chain.ts';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);

/** How well marks agree with labels by sentence. 0 where a share is undefined. */
export const HeadScore = z.object({
  precision: share,
  recall: share,
  f1: share,
  /** Cohen's κ. */
  kappa: z.number().min(-1).max(1),
});
export type HeadScore = z.infer<typeof HeadScore>;

/** What refitting found for one behaviour. */
export const HeadOutcome = z.object({
  kind: Behaviour,
  /** Labelled sentences, and those of them with the behaviour. */
  labels: count,
  positives: count,
  /** Sentences that decide, because they were chosen without a look at the marks' correctness. */
  deciding: count,
  /** `few`: too few labels, or of too few chains, to decide. `same`: no better on held-back labels. */
  verdict: z.enum(['better', 'same', 'few']),
  /** On held-back labels; absent with `few`. */
  before: HeadScore.optional(),
  after: HeadScore.optional(),
});
export type HeadOutcome = z.infer<typeof HeadOutcome>;

/** Largest head that is read: it has fewer inputs. */
const MOST_INPUTS = 64;

/** `classifier/<n>.json`: what the labels of a dataset change of the shipped classifier. */
export const ClassifierHead = z.strictObject({
  version: z.literal(1),
  createdAt: z.string().max(64),
  /** Of the shipped weights on which it rests. */
  shipped: z.string().regex(/^[0-9a-f]{8,64}$/),
  /** Names of the inputs, in the order of the weights. */
  inputs: z.array(z.string().max(64)).min(1).max(MOST_INPUTS),
  /** Sentences with a label, their chains, and who labelled them. */
  labels: count,
  chains: count,
  reviewers: z.array(z.string().min(1).max(200)).max(1000),
  /** Of all behaviours. */
  outcomes: z.array(HeadOutcome).max(16),
  /** Weights of the inputs by behaviour, only of those that got better; the others are marked by the shipped classifier. */
  weights: z.partialRecord(Behaviour, z.array(z.number().min(-1e3).max(1e3)).max(MOST_INPUTS)),
});
export type ClassifierHead = z.infer<typeof ClassifierHead>;
