import { z } from 'zod';

/** How fast a review goes. */
export const Pace = z.object({
  /** Decisions per hour. */
  perHour: z.number().positive(),
  /** Seconds for the pending chains at that pace. */
  left: z.number().nonnegative(),
});
export type Pace = z.infer<typeof Pace>;

/** A longer pause, in milliseconds, is no time of the review. */
const PAUSE = 5 * 60_000;
/** Decisions before a pace is shown. */
const FEWEST = 5;

/**
 * The pace of a session.
 * @param times Of its decisions in milliseconds, in order; those of one moment are one act on several chains, and count once. @param pending Chains that are left.
 * @returns undefined while there are too few decisions to know it
 */
export function reviewPace(times: readonly number[], pending: number): Pace | undefined {
  const moments = [...new Set(times)];
  const gaps = moments.slice(1).map((time, at) => time - (moments[at] ?? time));
  const active = gaps.filter((gap) => gap >= 0 && gap <= PAUSE);
  const total = active.reduce((sum, gap) => sum + gap, 0);
  if (active.length < FEWEST || total === 0) return undefined;
  const perHour = (active.length * 3_600_000) / total;
  return { perHour, left: (pending * 3600) / perHour };
}
