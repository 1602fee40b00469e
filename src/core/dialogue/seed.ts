/**
 * A 31-bit seed from any number of parts (FNV-1a over UTF-16 code units). Distinct parts give distinct seeds in practice, the same
 * parts always the same one: a server that honours seeds would otherwise return K identical samples, and a resume must ask for
 * the same call again to find it in the journal.
 */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = `${part}\u0000`;
    for (let i = 0; i < text.length; i++) {
      hash ^= text.charCodeAt(i);
      hash = Math.imul(hash, 0x01000193);
    }
  }
  return (hash >>> 0) & 0x7fffffff;
}
