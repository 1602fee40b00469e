import type { Chain } from '../core/model/index.ts';
import type { ReassembledChain } from '../protocol/dialogue-verbs.ts';

/** Characters shown before and after the place where two texts begin to differ. */
const BEFORE = 30;
const AFTER = 90;

/** What differs between a chain and the same chain assembled again. */
export function changeOf(before: Chain, after: Chain): ReassembledChain {
  const { id, round } = before;
  const was = new Map(before.segments.map(({ piece, train }) => [piece, train]));
  const mask = after.segments.flatMap(({ piece, train }) => {
    const old = was.get(piece);
    return old === undefined || old === train ? [] : [{ piece, train }];
  });
  const joined = before.filters.find((filter) => filter.id === 'assembled-as')?.threshold;
  const old = (['FT', 'TT', 'TF'] as const).find((name) => name === joined);
  return {
    id,
    round,
    ...(before.text === after.text ? {} : { text: excerpts(before.text, after.text) }),
    ...(mask.length > 0 ? { mask } : {}),
    ...(old && after.class && before.text !== after.text ? { joinedAs: { before: old, after: after.class } } : {}),
    ...(before.passed === after.passed ? {} : { passed: { before: before.passed, after: after.passed } }),
  };
}

function excerpts(before: string, after: string): { before: string; after: string } {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const cut = (text: string): string => {
    const [from, to] = [Math.max(0, at - BEFORE), at + AFTER];
    return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
  };
  return { before: cut(before), after: cut(after) };
}
