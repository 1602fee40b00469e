import type { FilterRule } from './rule.ts';

/** Each piece has at least `minLength` characters: the one threshold that the paper publishes is 20. */
export const minLength: FilterRule = {
  id: 'min-length',
  measure: ({ pieces }, { minLength: threshold }) => {
    const lengths = pieces.map((piece) => ({ name: piece.piece, length: piece.text.trim().length }));
    const shortest = lengths.reduce((a, b) => (b.length < a.length ? b : a), {
      name: '',
      length: Number.MAX_SAFE_INTEGER,
    });
    if (shortest.name === '') return undefined;
    const passed = shortest.length >= threshold;
    return {
      passed,
      value: shortest.length,
      threshold,
      ...(passed ? {} : { reason: `${shortest.name} has ${shortest.length} characters.` }),
    };
  },
};
