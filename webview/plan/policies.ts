import type { SamplingPolicy } from '../../src/core/sampling/index.ts';

export type PolicyName = SamplingPolicy['policy'];

/** A number, or a list of numbers, of a policy. */
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

/** The policies with the settings that can be changed on the page; others are as in longhand.json. */
export const POLICIES: readonly { name: PolicyName; title: string; does: string; fields: readonly PolicyField[] }[] = [
  {
    name: 'cascade',
    title: 'Cascade',
    does: 'Few samples for all problems, many only for those not solved yet.',
    fields: [
      {
        key: 'stages',
        label: 'Samples by stage',
        title: 'A problem enters the next stage while it has no correct response',
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
      { key: 'correct', label: 'Correct responses', title: 'Sampling of a problem stops at this number', min: 1 },
      { key: 'atMost', label: 'Max samples', title: 'Limit per problem if that number is not reached', min: 1 },
    ],
  },
  {
    name: 'prop2diff',
    title: 'Proportional to difficulty',
    does: 'More correct responses for harder problems, after a pilot (DART-Math).',
    fields: [
      {
        key: 'hardest',
        label: 'Correct for the hardest',
        title: 'Easier problems get fewer, in proportion to their share of wrong answers',
        min: 1,
      },
      { key: 'pilot', label: 'Pilot samples', title: 'Samples that first measure difficulty', min: 1 },
      { key: 'atMost', label: 'Max samples', title: 'Limit per problem if that number is not reached', min: 1 },
    ],
  },
  {
    name: 'gvm',
    title: 'Least gradient variance',
    does: 'A fixed number of samples, divided after a pilot to minimize gradient variance (GVM-RAFT).',
    fields: [
      { key: 'perProblem', label: 'Samples per problem', title: 'Average, including the pilot', min: 1, step: 0.5 },
      { key: 'pilot', label: 'Pilot samples', title: 'Samples that first estimate pass rates', min: 1 },
    ],
  },
  {
    name: 'adaptive',
    title: 'Adaptive',
    does: 'Each sample goes to the problem with the highest expected gain. Stops at a success.',
    fields: [
      { key: 'wanted', label: 'Correct responses', title: 'As many as selection keeps', min: 1, max: 10 },
      {
        key: 'furtherWorth',
        label: 'Worth of a further one',
        title: 'Worth of a correct response after the first, which is worth 1',
        min: 0,
        max: 1,
        step: 0.05,
      },
      { key: 'atMost', label: 'Max samples', title: 'Limit for a problem without any success', min: 1 },
    ],
  },
];
