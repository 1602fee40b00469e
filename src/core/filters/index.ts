import type { FilterResult, FilterSettings } from '../model/index.ts';
import { finalCorrect } from './final-correct.ts';
import { finished } from './finished.ts';
import { gradable } from './gradable.ts';
import { minLength } from './min-length.ts';
import { noLeak } from './no-leak.ts';
import { oneBox } from './one-box.ts';
import { repetition } from './repetition.ts';
import type { FilterInput, FilterRule } from './rule.ts';
import { verdictConsistent } from './verdict-consistent.ts';

export type { FilterInput, FilterRule } from './rule.ts';

/** All filters, in the order in which a reader sees them. */
export const FILTERS: readonly FilterRule[] = [
  gradable,
  finalCorrect,
  verdictConsistent,
  oneBox,
  minLength,
  finished,
  noLeak,
  repetition,
];

/** What every filter that applies says of a chain; the chain passes when all of them do. */
export function runFilters(input: FilterInput, settings: FilterSettings): FilterResult[] {
  return FILTERS.flatMap((rule) => {
    const measured = rule.measure(input, settings);
    return measured ? [{ id: rule.id, ...measured }] : [];
  });
}
