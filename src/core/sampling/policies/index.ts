import { z } from 'zod';
import { AdaptiveSettings, adaptive } from './adaptive.ts';
import { CascadeSettings, cascade } from './cascade.ts';
import { GvmSettings, gvm } from './gvm.ts';
import type { Policy } from './policy.ts';
import { Prop2DiffSettings, prop2diff } from './prop2diff.ts';
import { UniformSettings, uniform } from './uniform.ts';

export { stageEnds } from './cascade.ts';
export type { PilotState, Policy } from './policy.ts';

/** A policy with its settings, as a plan stores it. `SamplingPolicy.parse({ policy: 'cascade' })` fills in the defaults. */
export const SamplingPolicy = z.discriminatedUnion('policy', [
  CascadeSettings,
  UniformSettings,
  Prop2DiffSettings,
  GvmSettings,
  AdaptiveSettings,
]);
export type SamplingPolicy = z.infer<typeof SamplingPolicy>;

/** The policy that the settings describe. */
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
