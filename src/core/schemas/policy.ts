import { z } from 'zod';

/** The switches of a grading policy. docs/reference/grading.md has examples. */
const SWITCHES = {
  /** `50\%` and `0.5`: convert = equal; ignore = `50` equals `50\%`; require = both sides need the sign. */
  percent: z.enum(['ignore', 'convert', 'require']),
  /** `1 m` and `100 cm`: convert = equal, a bare number has the unit of the other side; ignore = `1 m` equals `1`; require = same unit on both sides. */
  units: z.enum(['ignore', 'convert', 'require']),
  /** `1,234`: join = the number 1234; keep = a list of two, as where lists are written without spaces. `1{,}234` is always one number. */
  thousands: z.enum(['join', 'keep']),
  /** Relative tolerance for two decimals; 0 requires equality of the written values. */
  relativeTolerance: z.number().min(0).max(0.1),
  /**
   * `\pi` and `3.14`: exact = different; rounded = equal if a decimal with at least two places is the rounded other value; gold = equal if the
   * answer, rounded to the decimal places of the gold, is the gold.
   */
  decimals: z.enum(['exact', 'rounded', 'gold']),
  /** `(1, 2)` against `(2, 1)`. */
  orderedTuples: z.boolean(),
  /** `[1, 2)` against `(1, 2)`: strict = different; ignore = equal. */
  intervalEnds: z.enum(['strict', 'ignore']),
  /** Valid places of an answer: anywhere = see docs/design/grading.md; boxed = only the last complete box after the thought. */
  answer: z.enum(['anywhere', 'boxed']),
};

const PolicySwitches = z.object(SWITCHES);
export type PolicySwitches = z.infer<typeof PolicySwitches>;

/** The switches of the policy `default`, and defaults of missing ones. */
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

/** A policy with all switches, stored in a plan so that a round is graded uniformly. */
export const GradingPolicy = z.object({
  /** The named policy that it is based on; absent in plans of older versions. */
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

/** Names of the built-in policies, defined in core/grading/policies.ts. */
export const POLICY_NAMES = ['default', 'strict', 'lenient', 'convert', 'percent-value', 'boxed'] as const;

export const PolicyName = z.enum(POLICY_NAMES, {
  error: ({ input }) => `there is no policy ${JSON.stringify(input)}; there are ${POLICY_NAMES.join(', ')}`,
});
export type PolicyName = z.infer<typeof PolicyName>;

/**
 * A named policy with changed switches. The default of `base` is `name` if that is a policy, else `default`. Strict, so that misspelled switches are
 * rejected.
 */
const PolicyOverrides = PolicySwitches.partial()
  .extend({ base: PolicyName.optional(), name: z.string().optional() })
  .strict();
export type PolicyOverrides = z.infer<typeof PolicyOverrides>;

/** `grading` of longhand.json, and of a row of `longhand grade`. */
export const GradingChoice = z.union([PolicyName, PolicyOverrides], {
  // “Invalid input” alone would not help.
  error: ({ input, code, ...issue }) => {
    if (code !== 'invalid_union') return undefined;
    if (typeof input === 'string')
      return `there is no policy ${JSON.stringify(input)}; there are ${POLICY_NAMES.join(', ')}`;
    const errors = 'errors' in issue ? (issue.errors as { path: PropertyKey[]; message: string }[][]) : [];
    const details = errors[1]?.map(({ path, message }) => [...path, message].join(': ')) ?? [];
    return details.length > 0 ? details.join('; ') : 'a policy is a name or a record of switches';
  },
});
export type GradingChoice = z.infer<typeof GradingChoice>;
