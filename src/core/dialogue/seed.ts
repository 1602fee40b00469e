/**
 * A 31-bit seed of some parts (FNV-1a over UTF-16 code units). The same parts give the same seed, so that a resumed round finds its calls
 * in the journal. Different parts give different seeds, so that a server that uses seeds returns different samples.
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
