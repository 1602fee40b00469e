/** Words in lower case; attached maths and punctuation belong to a word. */
function words(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** All word n-grams in order, joined by spaces. */
export function ngrams(text: string, n: number): string[] {
  const all = words(text);
  return Array.from({ length: Math.max(0, all.length - n + 1) }, (_, i) => all.slice(i, i + n).join(' '));
}

/** Jaccard similarity of the word n-grams of two texts, 0 to 1; texts without an n-gram are compared as a whole. */
export function jaccard(a: string, b: string, n: number): number {
  const left = new Set(ngrams(a, n));
  const right = new Set(ngrams(b, n));
  if (left.size === 0 || right.size === 0) return words(a).join(' ') === words(b).join(' ') ? 1 : 0;
  let common = 0;
  for (const gram of left) if (right.has(gram)) common++;
  return common / (left.size + right.size - common);
}
