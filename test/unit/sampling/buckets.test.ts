import { describe, expect, it } from 'vitest';
import { bucketName, bucketOf, countBuckets, countKinds } from '../../../src/core/sampling/index.ts';

const EDGES = [0, 0.5, 1];
const of = (attempts: number, successes: number, ungraded = 0, truncated = 0) => ({
  ...{ attempts, successes, ungraded, truncated },
});

describe('buckets of difficulty', () => {
  it('separate problems that were not sampled, only truncated and never solved', () => {
    const problems = [
      of(0, 0),
      of(0, 0),
      of(0, 0, 4, 4),
      of(0, 0, 4, 3),
      of(0, 0, 2),
      of(12, 0),
      of(2, 0, 1),
      of(4, 1),
      of(4, 4),
    ];
    expect(countKinds(problems)).toEqual({
      'not-sampled': 2,
      'not-graded': 2,
      'only-truncated': 1,
      'never-solved': 2,
      solved: 2,
    });
    expect(countBuckets(EDGES, problems).map(({ problems: count, ...bounds }) => [bucketName(bounds), count])).toEqual([
      ['not sampled', 2],
      ['not graded', 2],
      ['only truncated', 1],
      ['never solved', 2],
      ['0 – 0.5', 1],
      ['0.5 – 1', 1],
    ]);
  });

  it('put each problem into one bucket, in the order of the counts', () => {
    for (let attempts = 0; attempts < 6; attempts++) {
      for (let successes = 0; successes <= attempts; successes++) {
        const counts = countBuckets(EDGES, [of(attempts, successes)]).map(({ problems }) => problems);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
        expect(counts.indexOf(1)).toBe(bucketOf(EDGES, of(attempts, successes)));
      }
    }
  });

  it('name a stored bucket of an earlier version, which has no bounds', () => {
    expect(bucketName({})).toBe('not sampled');
  });
});
