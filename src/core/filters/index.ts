import type { FilterId, FilterResult, FilterSettings } from '../model/index.ts';
import { choiceConsistent } from './choice-consistent.ts';
import { context as contextRule } from './context.ts';
import { decontaminated } from './decontaminated.ts';
import { equations } from './equations.ts';
import { finalCorrect } from './final-correct.ts';
import { finished } from './finished.ts';
import { gradable } from './gradable.ts';
import { independent } from './independent.ts';
import { language } from './language.ts';
import { lengthBand } from './length-band.ts';
import { minLength } from './min-length.ts';
import { noLeak } from './no-leak.ts';
import { oneBox } from './one-box.ts';
import { repetition } from './repetition.ts';
import type { FilterContext, FilterInput, FilterRule, FilterSubject } from './rule.ts';
import { verdictConsistent } from './verdict-consistent.ts';

export { BenchmarkIndex } from './benchmark-index.ts';
export { bandOf, inBand } from './length-band.ts';
export { type BandedChain, bandOfChains, withBand } from './round.ts';
export type { FilterContext, FilterRule, FilterSubject, LengthBand } from './rule.ts';

/** All filters, in the order of FILTER_IDS, in which a reader sees them. */
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
];

/** Filters whose word follows from how answers are graded. */
export const OF_VERDICTS: ReadonlySet<string> = new Set(
  FILTERS.flatMap(({ id, ofVerdicts }) => (ofVerdicts ? id : [])),
);

/**
 * The one entry point: what every filter that is on and applies says of a dialogue chain, an imported trace or a response of stage 2.
 *
 * In: the subject (of a response: `text`, `problem`, `verdict`, `finish` and `tokens`; its pieces are left out); the thresholds; what of
 * other texts is known (`benchmarks` of the dataset, `band` when the round has ended); `only` these filters, if given. Out: one result a
 * filter, in the order of FILTERS; the subject passes when all of them do. Pure; offsets of `at` are UTF-16 code units.
 */
export function runFilters(
  subject: FilterSubject,
  settings: FilterSettings,
  context: FilterContext = {},
  only?: ReadonlySet<string>,
): FilterResult[] {
  const input: FilterInput = { ...subject, pieces: subject.pieces ?? [wholeOf(subject)] };
  const off: ReadonlySet<FilterId> = new Set(settings.off);
  return FILTERS.flatMap((rule) => {
    if (off.has(rule.id) || (only && !only.has(rule.id))) return [];
    const measured = rule.measure(input, settings, context);
    return measured ? [{ id: rule.id, ...measured }] : [];
  });
}

function wholeOf({ text, verdict, finish }: FilterSubject): FilterInput['pieces'][number] {
  return { piece: 'trace', text, verdict, ...(finish === undefined ? {} : { finish }) };
}
