/**
 * Cohen's κ (Cohen, Educational and Psychological Measurement 20, 1960) of two yes-or-no judges from the four cells of their table, counts
 * or weights: said by both, by the first or the second alone, by neither. Null where chance alone makes them agree.
 */
export function cohenKappa(both: number, first: number, second: number, neither: number): number | null {
  const total = both + first + second + neither;
  if (total <= 0) return null;
  // All times total², so that counts stay whole numbers and what is 0 is 0.
  const chance = (both + first) * (both + second) + (second + neither) * (first + neither);
  if (chance >= total ** 2) return null;
  return (total * (both + neither) - chance) / (total ** 2 - chance);
}
