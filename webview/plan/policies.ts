import type { SamplingPolicy } from '../../src/core/sampling/index.ts';

export type PolicyName = SamplingPolicy['policy'];

/** A number, or a list of numbers, of a policy that can be changed on the page. */
export interface PolicyField {
  key: string;
  label: string;
  title: string;
  list?: true;
  min: number;
  /** Whole numbers only when absent. */
  step?: number;
  max?: number;
}

/** The policies in words, and which of their settings the page offers; the others keep what the dataset says. */
export const POLICIES: readonly { name: PolicyName; title: string; does: string; fields: readonly PolicyField[] }[] = [
  {
    name: 'cascade',
    title: 'Cascade',
    does: 'Few samples for all; many only for what nothing has solved yet. The paper’s own.',
    fields: [
      {
        key: 'stages',
        label: 'Samples by stage',
        title: 'A problem goes on to the next stage while it has no correct response',
        list: true,
        min: 1,
      },
    ],
  },
  {
    name: 'uniform',
    title: 'Uniform',
    does: 'The same number of correct responses for every problem (DART-Math).',
    fields: [
      { key: 'correct', label: 'Correct wanted', title: 'A problem is left when it has as many', min: 1 },
      { key: 'atMost', label: 'Samples, at most', title: 'Where it never gets there', min: 1 },
    ],
  },
  {
    name: 'prop2diff',
    title: 'Proportional to difficulty',
    does: 'More correct responses of harder problems, after a pilot (DART-Math).',
    fields: [
      {
        key: 'hardest',
        label: 'Correct of the hardest',
        title: 'Easier problems want fewer, in proportion to their share of wrong answers',
        min: 1,
      },
      { key: 'pilot', label: 'Pilot samples', title: 'By which difficulty is first judged', min: 1 },
      { key: 'atMost', label: 'Samples, at most', title: 'Where it never gets there', min: 1 },
    ],
  },
  {
    name: 'gvm',
    title: 'Least gradient variance',
    does: 'A fixed number of samples, shared out after a pilot so that the gradient varies least (GVM-RAFT).',
    fields: [
      { key: 'perProblem', label: 'Samples a problem', title: 'The pilot among them', min: 1, step: 0.5 },
      { key: 'pilot', label: 'Pilot samples', title: 'By which pass rates are estimated', min: 1 },
    ],
  },
  {
    name: 'adaptive',
    title: 'Adaptive',
    does: 'Each next sample where it is expected to bring most; stops at once at a success. Our own.',
    fields: [
      { key: 'wanted', label: 'Correct wanted', title: 'As many as selection keeps', min: 1, max: 10 },
      {
        key: 'furtherWorth',
        label: 'Worth of another',
        title: 'Of one after the first, which is worth 1',
        min: 0,
        max: 1,
        step: 0.05,
      },
      { key: 'atMost', label: 'Samples, at most', title: 'Of one without any success', min: 1 },
    ],
  },
];
