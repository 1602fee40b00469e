/** An amount: a number, its scale, and the end of a range. */
const SUM = /^\d[\d,.]*(?:[kKmMbB]\b)?(?:\s*(?:-|–|to)\s*\d[\d,.]*)?(?=[\s,.;:!?])/;
/** A sum, then only a word that joins it to another: `5, then 3`, `4 for 3`; or a range whose other end has a dollar sign of its own: `5–`. */
const JOINED = /^\d[\d,.]*(?:\s*[-–]$|[,;]?\s+(?:or|and|for|to|then|but|so|also|plus)\s+\d[\d,.]*$)/;

/** A number that is no coefficient, and later a sentence that ends and another one that begins. */
const SENTENCES = /^\d[\d,.]*(?![\dA-Za-z]).*[.!?]["')]?\s+(?:[A-Z][a-z']*\s|[a-z][a-z']+\s|\d)/s;

/** Characters that prose about money does not contain. */
const TEX = /[\\^_{}]/;
/** Relation and operator signs, rare in prose about money. */
const SIGNS = /[=<>|+*]/;

/** Whether the inside of `$…$` is an amount and prose up to the next amount. */
export function looksLikeMoney(inside: string): boolean {
  if (TEX.test(inside)) return false;
  if (SENTENCES.test(inside) || JOINED.test(inside)) return true;
  const sum = SUM.exec(inside)?.[0];
  if (sum === undefined) return false;
  const prose = inside.slice(sum.length);
  const words = prose.match(/[A-Za-z']{2,}/g) ?? [];
  // `5 km per h` is a measure, `5 per item plus 3` is not.
  return (
    !SIGNS.test(inside) &&
    words.length > 1 &&
    (words.length > 2 || words.some((word) => word.length > 3 || isLast(prose, word)))
  );
}

function isLast(prose: string, word: string): boolean {
  return prose.trimEnd().endsWith(` ${word}`);
}
