/** Words without case, punctuation and commands; a lone letter keeps its case, for it may be a variable. */
export function plainWords(text: string): string {
  const bare = text
    .replace(/\\[a-zA-Z]+/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return bare.length === 1 ? bare : bare.toLowerCase();
}

/** Equal words. Texts in which nothing but signs stands must be equal to the letter. */
export function equalTexts(gold: string, prediction: string): boolean {
  if (gold === prediction) return true;
  // Words mean the same whatever punctuation stands around them; numbers and formulas do not.
  if (/[^\p{L}\s.,;'’"!?-]/u.test(gold + prediction)) return gold.replace(/\s/g, '') === prediction.replace(/\s/g, '');
  const [a, b] = [plainWords(gold), plainWords(prediction)];
  return a !== '' && a === b;
}

/** A gold that no comparison can be trusted with: prose of many words, or LaTeX that was not understood. */
export function isUnreadable(gold: string): boolean {
  return /[\\{}^]/.test(gold) || isProse(gold);
}

/** Prose of many words: a solution or a remark rather than an answer. */
export function isProse(text: string): boolean {
  return (text.replace(/\\[a-zA-Z]+/g, ' ').match(/[A-Za-z]{2,}/g)?.length ?? 0) > 12;
}
