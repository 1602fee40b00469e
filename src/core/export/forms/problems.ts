import { z } from 'zod';
import { type PassRate, type Tally, UNSOLVED_KINDS, unsolvedKind } from '../../sampling/index.ts';
import type { Problem } from '../../schemas/index.ts';
import { wellFormed } from '../rows.ts';

/** What is known about a problem of a problem set, from the samples of one model. */
export interface KnownProblem {
  problem: Problem;
  tally: Tally;
  /** The posterior; see passRate. */
  rate: PassRate;
  /** The samples agree on another answer than the gold answer; see suspectGold. */
  suspect: boolean;
}

/** Members of every row of a problem set beside the problem, under the names of its columns. */
export const ProblemFacts = z.object({
  level: z.string().nullable(),
  topic: z.string().nullable(),
  source: z.string().nullable(),
  licence: z.string().nullable(),
  /** Mean of the posterior and its central 90 % interval; null without graded samples. */
  pass_rate: z.number().min(0).max(1).nullable(),
  pass_rate_low: z.number().min(0).max(1).nullable(),
  pass_rate_high: z.number().min(0).max(1).nullable(),
  /** Graded samples, and correct ones. */
  samples: z.number().int().nonnegative(),
  correct: z.number().int().nonnegative(),
  /** `solved`, why it is not, or `suspect-gold`: the samples agree on another answer. */
  triage: z.enum(['solved', 'suspect-gold', ...UNSOLVED_KINDS]),
});
type ProblemFacts = z.infer<typeof ProblemFacts>;

export function problemFacts({ problem, tally, rate, suspect }: KnownProblem): ProblemFacts {
  const text = (value: string | number | undefined): string | null =>
    value === undefined ? null : wellFormed(String(value));
  const isSampled = tally.attempts > 0;
  return {
    level: text(problem.level),
    topic: text(problem.topic),
    source: text(problem.source),
    licence: text(problem.licence),
    pass_rate: isSampled ? rounded(rate.mean) : null,
    pass_rate_low: isSampled ? rounded(rate.low) : null,
    pass_rate_high: isSampled ? rounded(rate.high) : null,
    samples: tally.attempts,
    correct: tally.successes,
    triage: suspect ? 'suspect-gold' : (unsolvedKind(tally) ?? 'solved'),
  };
}

const rounded = (rate: number): number => Math.round(rate * 1e4) / 1e4;

/** Which problems become rows. */
export interface ProblemChoices {
  /** Bounds of the share of correct samples, both included; problems without graded samples are outside. All problems when undefined. */
  passRate?: readonly [low: number, high: number] | undefined;
  /** Problems with a suspect gold answer too. */
  suspects: boolean;
}

/** Why a problem has no row; undefined if it has one. */
export function whyNoProblem(
  { tally: { attempts, successes }, suspect }: Omit<KnownProblem, 'problem'>,
  { passRate: band, suspects }: ProblemChoices,
): 'suspect-gold' | 'pass-rate' | undefined {
  if (suspect && !suspects) return 'suspect-gold';
  if (band === undefined) return undefined;
  // Not the posterior mean, which few samples can't bring near 0 or 1.
  const isInside = attempts > 0 && band[0] <= successes / attempts && successes / attempts <= band[1];
  return isInside ? undefined : 'pass-rate';
}

/** A difficulty band as it is written: `0.1-0.9`. */
export const PassRateBand = z
  .string()
  .regex(/^(?:0|1|0?\.\d+)-(?:0|1|0?\.\d+)$/, 'two pass rates, such as 0.1-0.9')
  .refine((text) => bandOf(text)[0] <= bandOf(text)[1], 'the first pass rate must not exceed the second');

/** @param text see PassRateBand. */
export function bandOf(text: string): [low: number, high: number] {
  const [low = 0, high = 1] = text.split('-').map(Number);
  return [low, high];
}

/** The end of a problem that is solved by a model whose final answer a program compares. */
const BOXED = 'Put the final answer in \\boxed{}.';

/** The problem as the model gets it. */
export function questionOf({ problem }: Pick<KnownProblem, 'problem'>): string {
  return `${wellFormed(problem.problem)}\n\n${BOXED}`;
}

export const ABOUT_PROBLEMS =
  'Every row has `level`, `topic`, `source`, `licence`, the mean `pass_rate` of the model with its 90 % interval (`pass_rate_low`, `pass_rate_high`; null without graded samples), graded `samples`, `correct` ones and `triage`.';
