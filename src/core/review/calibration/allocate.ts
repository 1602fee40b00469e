/** A part of the population with its share of the sample. */
export interface Part {
  size: number;
  /** Relative to the other parts. */
  share: number;
}

/** Minimum size of a part, which shows its variance. */
const LEAST = 2;

/**
 * Sizes of the parts that sum to `total`, or to all there is: by share, at most the part's size, and two if possible. The rest of a small part
 * is distributed by share.
 */
export function allocate(parts: readonly Part[], total: number): number[] {
  const given = parts.map(() => 0);
  let left = Math.min(
    total,
    parts.reduce((sum, { size }) => sum + size, 0),
  );
  for (let round = 0; round < LEAST; round++) {
    parts.forEach(({ size }, i) => {
      if (left === 0 || (given[i] ?? 0) >= size) return;
      given[i] = (given[i] ?? 0) + 1;
      left--;
    });
  }
  // One by one to the part that is furthest below its share: exact, and fast enough for small samples.
  for (; left > 0; left--) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    parts.forEach(({ size, share }, i) => {
      const have = given[i] ?? 0;
      const filled = (have + 1) / share;
      if (have < size && (best < 0 || filled < least)) {
        best = i;
        least = filled;
      }
    });
    given[best] = (given[best] ?? 0) + 1;
  }
  return given;
}
