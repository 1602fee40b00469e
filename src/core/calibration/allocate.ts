/** A part of the population and the share of the sample that it is to have. */
export interface Part {
  size: number;
  /** Relative to the other parts; need not add up to 1. */
  share: number;
}

/** Two of each part, where it has two, so that the spread within it can be seen. */
const LEAST = 2;

/**
 * How many of `total` each part gets: its share, never more than its size, and two where it has two and `total` allows. What
 * a small part cannot take goes to the others by their shares. The result adds up to `total`, or to all there is.
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
  // One at a time to the part that is furthest behind its share: samples are small, and this never strays by rounding.
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
