import { defined } from '../defined.ts';
import type { FilterId, FilterResult, FilterSettings } from '../schemas/index.ts';
import { behaviourRates } from './behaviour-rates.ts';
import { branching } from './branching.ts';
import { choiceConsistent } from './choice-consistent.ts';
import { context as contextRule } from './context.ts';
import { decontaminated } from './decontaminated.ts';
import { equations } from './equations.ts';
import { finalCorrect, finished, gradable } from './final-answer.ts';
import { independent } from './independent.ts';
import { joint } from './joint.ts';
import { language } from './language.ts';
import { lengthBand } from './length-band.ts';
import { minLength } from './min-length.ts';
import { noLeak } from './no-leak.ts';
import { oneBox } from './one-box.ts';
import { repetition } from './repetition.ts';
import type { FilterContext, FilterInput, FilterRule, FilterSubject } from './rule.ts';
import { verdictConsistent } from './verdict-consistent.ts';

export { BenchmarkIndex } from './benchmark-index.ts';
export { bandOf, bandOfChains, inBand, withBand } from './length-band.ts';
export type { FilterContext, FilterRule, FilterSubject, LengthBand } from './rule.ts';

/** All filters in the order of FILTER_IDS, as shown to users. */
export const FILTERS: readonly FilterRule[] = [
  gradable,
  finalCorrect,
  verdictConsistent,
  choiceConsistent,
  oneBox,
  minLength,
  finished,
  noLeak,
  repetition,
  independent,
  language,
  equations,
  contextRule,
  lengthBand,
  decontaminated,
  behaviourRates,
  branching,
  joint,
];

/** Filters that depend on how answers are graded. */
export const OF_VERDICTS: ReadonlySet<string> = new Set(
  FILTERS.flatMap(({ id, ofVerdicts }) => (ofVerdicts ? id : [])),
);

/**
 * The results of all enabled, applicable filters for a dialogue chain, an imported trace or a response of stage 2, in the order of FILTERS.
 * The subject passes if all do. Pure; offsets in `at` are UTF-16 code units.
 * @param context What filters need of other texts: `benchmarks` of the dataset, `band` of a finished round.
 * @param only Ids of the filters to run; all if absent.
 */
export function runFilters(
  subject: FilterSubject,
  settings: FilterSettings,
  context: FilterContext = {},
  only?: ReadonlySet<string>,
): FilterResult[] {
  const input: FilterInput = { ...subject, pieces: subject.pieces ?? [wholeOf(subject)] };
  const off: ReadonlySet<FilterId> = new Set(settings.off);
  const results: FilterResult[] = [];
  for (const rule of FILTERS) {
    if (off.has(rule.id) || (only && !only.has(rule.id))) continue;
    const measured = rule.measure(input, settings, context);
    if (measured) results.push({ id: rule.id, ...measured });
  }
  return results;
}

function wholeOf({ text, verdict, finish }: FilterSubject): FilterInput['pieces'][number] {
  return { piece: 'trace', text, verdict, ...defined({ finish }) };
}
