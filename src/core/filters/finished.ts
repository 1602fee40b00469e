import type { FilterRule } from './rule.ts';

/** Every piece ended by itself (`stop`), not at the token limit. */
export const finished: FilterRule = {
  id: 'finished',
  measure: ({ pieces }) => {
    const known = pieces.filter((piece) => piece.finish !== undefined);
    if (known.length === 0) return undefined;
    const cut = known.find((piece) => piece.finish !== 'stop');
    return {
      passed: cut === undefined,
      value: cut?.finish ?? 'stop',
      threshold: 'stop',
      ...(cut ? { reason: `${cut.piece} ended with “${cut.finish}”.` } : {}),
    };
  },
};
