import { z } from 'zod';
import { samplesNow } from '../rule.ts';
import { AdaptiveSettings, adaptive } from './adaptive.ts';
import { CascadeSettings, cascade } from './cascade.ts';
import { Prop2DiffSettings, prop2diff, UniformSettings, uniform } from './dart.ts';
import { GvmSettings, gvm } from './gvm.ts';
import type { Policy } from './policy.ts';

export { stageEnds } from './cascade.ts';
export type { PilotState, Policy } from './policy.ts';

/** A policy with its settings, as stored in a plan. `SamplingPolicy.parse({ policy: 'cascade' })` sets the defaults. */
export const SamplingPolicy = z.discriminatedUnion('policy', [
  CascadeSettings,
  UniformSettings,
  Prop2DiffSettings,
  GvmSettings,
  AdaptiveSettings,
]);
export type SamplingPolicy = z.infer<typeof SamplingPolicy>;

export function policyOf(settings: SamplingPolicy): Policy {
  switch (settings.policy) {
    case 'cascade':
      return cascade(settings);
    case 'uniform':
      return uniform(settings);
    case 'prop2diff':
      return prop2diff(settings);
    case 'gvm':
      return gvm(settings);
    case 'adaptive':
      return adaptive(settings);
  }
}

/**
 * Samples of every problem before any outcome can change their number: the first stage of a cascade, a pilot, or the target of `uniform`.
 * Only these show pass rates without bias, because sampling until a success overestimates the rate.
 */
export function firstStage(settings: SamplingPolicy): number {
  const policy = policyOf(settings);
  if (policy.pilot > 0) return policy.pilot;
  const state = { earlier: { attempts: 0, successes: 0 }, drawn: 0, graded: 0, successes: 0, weight: 1 };
  return Math.max(0, ...policy.rules([state]).map((rule) => samplesNow(rule, 0, 0)));
}
