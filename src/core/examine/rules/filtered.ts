import { decontaminated } from '../../filters/decontaminated.ts';
import { language } from '../../filters/language.ts';
import type { FilterRule } from '../../filters/rule.ts';
import type { FindingId } from '../kinds.ts';
import { excerptAt, type ReadRow, type RowRule } from '../row.ts';

export const contaminated = ruleOf(
  'contaminated',
  decontaminated,
  ({ problem, text }) => problem !== undefined || text !== '',
);
/** A text in ASCII is in the script of a problem in ASCII. */
const isForeign = (text: string): boolean => /[\u0080-\uffff]/.test(text);
export const languageMix = ruleOf(
  'language-mix',
  language,
  ({ text, problem = '' }) => isForeign(text) || isForeign(problem),
);

/** A rule that is a filter. */
function ruleOf(finding: FindingId, filter: FilterRule, applies: (row: ReadRow) => boolean): RowRule {
  return {
    finding,
    find: (row, { filters, benchmarks }) => {
      if (!applies(row)) return undefined;
      const verdict = row.verdict ?? { outcome: 'unknown' as const, method: 'none' as const };
      const input = { text: row.text, problem: row.problem, pieces: [], verdict };
      const measured = filter.measure(input, filters, benchmarks === undefined ? {} : { benchmarks });
      if (!measured || measured.passed) return undefined;
      const place = measured.at?.[0];
      const excerpt = place === undefined ? {} : { excerpt: excerptAt(row.text, place.start, place.end) };
      return { reason: measured.reason ?? filter.asks, ...excerpt };
    },
  };
}
