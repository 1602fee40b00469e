/** A number with a sum's marks, a scale word perhaps, then two words of prose: `5 million and the other`. */
const SUM_THEN_PROSE =
  /^\d[\d,.]*(?:[kKmMbB]\b)?(?:\s*(?:-|–|to)\s*\d[\d,.]*)?(?:\s+|[,.;:]\s+)(?:[A-Za-z']{2,}[,.;:]?\s+){1,}[A-Za-z'(]{2,}/;

/** What prose about money never has. */
const TEX = /[\\^_={}<>|+*]/;

/** True when the inside of `$…$` reads as an amount and the prose after it, up to the next amount. */
export function looksLikeMoney(inside: string): boolean {
  return !TEX.test(inside) && SUM_THEN_PROSE.test(inside);
}
