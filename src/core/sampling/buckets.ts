import { formatCount } from '../text/format.ts';
import { UNIFORM_PRIOR, update } from './posterior.ts';

/** Why a problem has no correct sample. Not sampled: sample it; not graded: see why; only truncated: raise the limit; all wrong: check the problem. */
export const UNSOLVED_KINDS = ['not-sampled', 'not-graded', 'only-truncated', 'never-solved'] as const;
export type UnsolvedKind = (typeof UNSOLVED_KINDS)[number];

/** Samples of a problem. */
export interface Sampled {
  attempts: number;
  successes: number;
  /** Truncated, or not gradable. */
  ungraded?: number | undefined;
  /** Those of `ungraded` that the token limit ended; unknown in plans of earlier versions. */
  truncated?: number | undefined;
}

/** A bucket: one kind of unsolved problems, or solved ones with a mean pass rate in [from, to), the last one [from, to]. */
export interface Bounds {
  kind?: UnsolvedKind | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Undefined for a solved problem. */
export function unsolvedKind({ attempts, successes, ungraded = 0, truncated = 0 }: Sampled): UnsolvedKind | undefined {
  if (successes > 0) return undefined;
  if (attempts > 0) return 'never-solved';
  if (ungraded === 0) return 'not-sampled';
  return truncated >= ungraded ? 'only-truncated' : 'not-graded';
}

/** Counts the problems of each kind and the solved ones. */
export function countKinds(problems: Iterable<Sampled>): Record<UnsolvedKind | 'solved', number> {
  const counts = { 'not-sampled': 0, 'not-graded': 0, 'only-truncated': 0, 'never-solved': 0, solved: 0 };
  for (const problem of problems) counts[unsolvedKind(problem) ?? 'solved']++;
  return counts;
}

const OFFSET = UNSOLVED_KINDS.length;

/** Index of a problem's bucket, as in `countBuckets`; solved problems by their posterior mean. */
export function bucketOf(edges: readonly number[], problem: Sampled): number {
  const kind = unsolvedKind(problem);
  if (kind !== undefined) return UNSOLVED_KINDS.indexOf(kind);
  const { a, b } = update(UNIFORM_PRIOR, problem.attempts, problem.successes);
  const between = Math.min(
    edges.length - 2,
    edges.findLastIndex((edge) => edge <= a / (a + b)),
  );
  return OFFSET + between;
}

/** The bounds of a bucket. @throws RangeError for an unknown index. */
export function boundsOf(edges: readonly number[], bucket: number): Bounds {
  const kind = UNSOLVED_KINDS[bucket];
  if (kind !== undefined) return { kind };
  const [from, to] = [edges[bucket - OFFSET], edges[bucket - OFFSET + 1]];
  if (from === undefined || to === undefined) throw new RangeError(`there is no bucket ${bucket}`);
  return { from, to };
}

/** The number of problems in each bucket, empty ones included: unsolved kinds first, then from hard to easy. */
export function countBuckets(edges: readonly number[], tallies: Iterable<Sampled>): (Bounds & { problems: number })[] {
  const counts = new Map<number, number>();
  for (const tally of tallies) {
    const bucket = bucketOf(edges, tally);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return Array.from({ length: OFFSET + edges.length - 1 }, (_, i) => ({
    ...boundsOf(edges, i),
    problems: counts.get(i) ?? 0,
  }));
}

const KIND_NAMES: Readonly<Record<UnsolvedKind, string>> = {
  'not-sampled': 'not sampled',
  'not-graded': 'not graded',
  'only-truncated': 'only truncated',
  'never-solved': 'never solved',
};

/** `never solved`, or the pass rates of a bucket: `0.05 – 0.2`. Older versions store a bucket without bounds: not sampled. */
export function bucketName({ kind, from, to }: Bounds): string {
  if (kind !== undefined) return KIND_NAMES[kind];
  return from === undefined || to === undefined ? KIND_NAMES['not-sampled'] : `${from} – ${to}`;
}

/** `5 never solved, 3 only truncated, 40 not sampled`: the unsolved problems by kind, the hardest first. */
export function kindsText(problems: Iterable<Sampled>): string {
  const counts = countKinds(problems);
  return [...UNSOLVED_KINDS]
    .reverse()
    .filter((kind) => kind !== 'not-graded' || counts[kind] > 0)
    .map((kind) => `${formatCount(counts[kind])} ${bucketName({ kind })}`)
    .join(', ');
}

/** The problems of one unsolved kind, most samples first. */
export function mostSampled<P extends Sampled & { problemId: string }>(
  problems: readonly P[],
  kind: UnsolvedKind,
): P[] {
  const samples = ({ attempts, ungraded = 0 }: P): number => (kind === 'never-solved' ? attempts : ungraded);
  return problems
    .filter((problem) => unsolvedKind(problem) === kind)
    .sort((a, b) => samples(b) - samples(a) || byId(a, b));
}

export const byId = (a: { problemId: string }, b: { problemId: string }): number =>
  a.problemId < b.problemId ? -1 : 1;
