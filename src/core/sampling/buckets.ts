import { type Beta, UNIFORM_PRIOR, update } from './posterior.ts';

/** The bucket of problems that were never sampled. */
export const NEVER = -1;

/** A bucket's bounds: mean pass rates in [from, to), the last one [from, to]; both absent for problems that were never sampled. */
export interface Bounds {
  from?: number | undefined;
  to?: number | undefined;
}

/** Index of the bucket between two edges in which the posterior mean of a problem lies, or NEVER. */
export function bucketOf(
  edges: readonly number[],
  { attempts, successes }: { attempts: number; successes: number },
  prior: Beta = UNIFORM_PRIOR,
): number {
  if (attempts === 0) return NEVER;
  const { a, b } = update(prior, attempts, successes);
  return Math.min(
    edges.length - 2,
    edges.findLastIndex((edge) => edge <= a / (a + b)),
  );
}

export function boundsOf(edges: readonly number[], bucket: number): Bounds {
  const [from, to] = [edges[bucket], edges[bucket + 1]];
  return bucket === NEVER || from === undefined || to === undefined ? {} : { from, to };
}

/** How many problems are in each bucket: never sampled first, then from hard to easy, empty ones too. */
export function countBuckets(
  edges: readonly number[],
  tallies: Iterable<{ attempts: number; successes: number }>,
): (Bounds & { problems: number })[] {
  const counts = new Map<number, number>();
  for (const tally of tallies) {
    const bucket = bucketOf(edges, tally);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return edges.map((_, i) => ({ ...boundsOf(edges, i - 1), problems: counts.get(i - 1) ?? 0 }));
}
