import { z } from 'zod';

/** The switches of a grading policy: how answers are compared where graders disagree. docs/grading.md shows each by examples. */
const SWITCHES = {
  /** `50\%` against `0.5`: convert = equal; ignore = `50` equals `50\%`; require = the sign must stand on both sides. */
  percent: z.enum(['ignore', 'convert', 'require']),
  /** `1 m` against `100 cm`: convert = equal, a bare number is in the unit of the other side; ignore = `1 m` equals `1`; require = the same unit on both sides. */
  units: z.enum(['ignore', 'convert', 'require']),
  /** `1,234`: join = the number 1234; keep = a list of two, as where lists are written without spaces. `1{,}234` is always one number. */
  thousands: z.enum(['join', 'keep']),
  /** Relative tolerance for two decimals; 0 wants exact equality of the written values. */
  relativeTolerance: z.number().min(0).max(0.1),
  /** `\pi` against `3.14`: exact = different; rounded = equal, for a decimal with at least two places is the other value rounded to them. */
  decimals: z.enum(['exact', 'rounded']),
  /** `(1, 2)` against `(2, 1)`. */
  orderedTuples: z.boolean(),
  /** `[1, 2)` against `(1, 2)`: strict = different; ignore = equal. */
  intervalEnds: z.enum(['strict', 'ignore']),
  /** Where an answer counts: anywhere = see docs/grading.md; boxed = only in the last complete box behind the thought. */
  answer: z.enum(['anywhere', 'boxed']),
};

const PolicySwitches = z.object(SWITCHES);
export type PolicySwitches = z.infer<typeof PolicySwitches>;

/** The switches of the policy `default`; a record that lacks a switch takes it from here. */
export const DEFAULT_SWITCHES: PolicySwitches = {
  percent: 'ignore',
  units: 'ignore',
  thousands: 'join',
  relativeTolerance: 1e-6,
  decimals: 'exact',
  orderedTuples: true,
  intervalEnds: 'strict',
  answer: 'anywhere',
};

/** A policy with all its switches set: what comparing reads, and what a plan keeps, so that a round is graded alike to its end. */
export const GradingPolicy = z.object({
  /** The named policy that it is, or was before switches were changed; absent in plans of older versions. */
  name: z.string().optional(),
  percent: SWITCHES.percent.default(DEFAULT_SWITCHES.percent),
  units: SWITCHES.units.default(DEFAULT_SWITCHES.units),
  thousands: SWITCHES.thousands.default(DEFAULT_SWITCHES.thousands),
  relativeTolerance: SWITCHES.relativeTolerance.default(DEFAULT_SWITCHES.relativeTolerance),
  decimals: SWITCHES.decimals.default(DEFAULT_SWITCHES.decimals),
  orderedTuples: SWITCHES.orderedTuples.default(DEFAULT_SWITCHES.orderedTuples),
  intervalEnds: SWITCHES.intervalEnds.default(DEFAULT_SWITCHES.intervalEnds),
  answer: SWITCHES.answer.default(DEFAULT_SWITCHES.answer),
});
export type GradingPolicy = z.infer<typeof GradingPolicy>;

/** Names of the policies that Longhand brings; core/answers/policies.ts says what they are. */
export const POLICY_NAMES = ['default', 'strict', 'lenient', 'convert', 'percent-value', 'boxed'] as const;

/** A name of POLICY_NAMES. */
export const PolicyName = z.enum(POLICY_NAMES, {
  error: ({ input }) => `there is no policy ${JSON.stringify(input)}; there are ${POLICY_NAMES.join(', ')}`,
});
export type PolicyName = z.infer<typeof PolicyName>;

/**
 * A named policy with some switches set otherwise. `base` is `default` where it is left out, unless `name` is that of a policy; any other
 * name is a label. Strict: a switch that is spelled wrongly must not be graded without.
 */
export const PolicyOverrides = PolicySwitches.partial()
  .extend({ base: PolicyName.optional(), name: z.string().optional() })
  .strict();
export type PolicyOverrides = z.infer<typeof PolicyOverrides>;

/** What `grading` of longhand.json holds, and what a row of `longhand grade` may bring. */
export const GradingChoice = z.union([PolicyName, PolicyOverrides], {
  // A name is judged as a name and a record as a record; “invalid input” would help nobody.
  error: ({ input, code, ...issue }) => {
    if (code !== 'invalid_union') return undefined;
    if (typeof input === 'string')
      return `there is no policy ${JSON.stringify(input)}; there are ${POLICY_NAMES.join(', ')}`;
    const errors = 'errors' in issue ? (issue.errors as { path: PropertyKey[]; message: string }[][]) : [];
    const said = errors[1]?.map(({ path, message }) => [...path, message].join(': ')) ?? [];
    return said.length > 0 ? said.join('; ') : 'a policy is a name or a record of switches';
  },
});
export type GradingChoice = z.infer<typeof GradingChoice>;
