import { z } from 'zod';
import { BEHAVIOURS, type Behaviour, Phase } from '../../schemas/index.ts';

/** What a judge labels in each sentence. */
export interface JudgeTask<T> {
  name: 'behaviours' | 'phases';
  /** Name of the prompt file, without `.md`. */
  prompt: string;
  /** Checks what the judge writes for a sentence, and reads it. */
  entry: z.ZodType<T>;
  /** The inverse of `entry`: what the judge would have written. */
  written: (label: T) => unknown;
}

/** The behaviours whose episodes a sentence belongs to, and those whose act it is; `acts` is a part of `kinds`. */
export interface BehaviourLabels {
  kinds: readonly Behaviour[];
  acts: readonly Behaviour[];
}

const ACT = ' act';
const actOf = <B extends Behaviour>(kind: B): `${B} act` => `${kind}${ACT}`;
/** A behaviour for a sentence of an episode, with “act” for a sentence that does it. So an act can't be outside an episode. */
const Label = z.enum([...BEHAVIOURS, ...BEHAVIOURS.map(actOf)]);

export const BEHAVIOUR_TASK: JudgeTask<BehaviourLabels> = {
  name: 'behaviours',
  prompt: 'judge',
  entry: z
    .array(Label)
    .max(4 * BEHAVIOURS.length)
    .transform((labels) => {
      const acts = BEHAVIOURS.filter((kind) => labels.includes(actOf(kind)));
      return { kinds: BEHAVIOURS.filter((kind) => labels.includes(kind) || acts.includes(kind)), acts };
    }),
  written: ({ kinds, acts }) => kinds.map((kind) => (acts.includes(kind) ? actOf(kind) : kind)),
};

export const PHASE_TASK: JudgeTask<Phase> = {
  name: 'phases',
  prompt: 'judge-phases',
  entry: Phase,
  written: (phase) => phase,
};

/**
 * The behaviour whose acts are the sentences of a phase, as far as the two schemes agree. People label the sentence that checks with `verify`, and
 * the one that sets a task with `plan`. `explore` is wider than backtracking: it has every tentative idea, not only those that replace another.
 */
export const BEHAVIOUR_OF_PHASE: Readonly<Partial<Record<Phase, Behaviour>>> = {
  verify: 'verification',
  plan: 'subgoal',
};
