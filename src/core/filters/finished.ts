import type { FilterRule } from './rule.ts';

/** Every piece ended by itself (`stop`), not at the token limit. */
export const finished: FilterRule = {
  id: 'finished',
  asks: 'Every piece ended by itself (`finish_reason` is `stop`), not at the token limit.',
  thresholds: [],
  measure: (input) => {
    const known = input.pieces.filter((piece) => piece.finish !== undefined);
    if (known.length === 0) return undefined;
    const cut = known.find((piece) => piece.finish !== 'stop');
    if (!cut) return { passed: true, value: 'stop', threshold: 'stop' };
    const segment = input.segments?.find(({ piece }) => piece === cut.piece);
    // The place of a cut is the last line before it.
    const end = segment?.end ?? input.text.length;
    const start = input.text.lastIndexOf('\n', input.text.slice(0, end).trimEnd().length - 1) + 1;
    const reason = `${cut.piece} ended with “${cut.finish}”.`;
    const place = start < end ? { at: [{ start, end }] } : {};
    return { passed: false, value: cut.finish ?? null, threshold: 'stop', reason, ...place };
  },
};
