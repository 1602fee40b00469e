/**
 * Cohen's κ (Cohen, Educational and Psychological Measurement 20, 1960) of two binary judges, from the counts or weights of their table:
 * positive for both, only for the first, only for the second, for neither. Null if they agree by chance alone.
 */
export function cohenKappa(both: number, first: number, second: number, neither: number): number | null {
  const total = both + first + second + neither;
  if (total <= 0) return null;
  // Multiplied by total², so that whole counts give exact results.
  const chance = (both + first) * (both + second) + (second + neither) * (first + neither);
  if (chance >= total ** 2) return null;
  return (total * (both + neither) - chance) / (total ** 2 - chance);
}
