import { behaviourRates as ratesOf } from '../behaviours/rates.ts';
import { BEHAVIOURS } from '../schemas/index.ts';
import { formatMeasure } from '../text/format.ts';
import { at } from './places.ts';
import { type FilterRule, tokensOf } from './rule.ts';

export const behaviourRates: FilterRule = {
  id: 'behaviour-rates',
  asks: 'The episodes of each behaviour per 1,000 tokens are within their limits. Off without limits.',
  thresholds: ['behaviourRates'],
  measure: (input, { behaviourRates: limits }) => {
    const limited = BEHAVIOURS.filter((kind) => limits[kind] !== undefined);
    if (limited.length === 0 || input.spans === undefined) return undefined;
    const rates = ratesOf(input.spans, { tokens: tokensOf(input), characters: input.text.length });
    const measured = limited.map((kind) => ({
      kind,
      rate: Math.round(100 * rates[kind].episodes) / 100,
      ...limits[kind],
    }));
    const value = measured.map(({ kind, rate }) => `${kind} ${rate}`).join(', ');
    const failed = measured.find(({ rate, min = 0, max = Number.POSITIVE_INFINITY }) => rate < min || rate > max);
    const threshold = measured.map(({ kind, min = 0, max }) => `${kind} ${min} to ${max ?? '∞'}`).join(', ');
    if (!failed) return { passed: true, value, threshold };
    const { kind, rate, min = 0, max = min } = failed;
    const limit =
      rate < min ? `at least ${formatMeasure(min)} are required` : `at most ${formatMeasure(max)} are allowed`;
    const reason = `The text has ${formatMeasure(rate)} episodes of ${kind} per 1,000 tokens; ${limit}.`;
    const places = rate > min ? input.spans.filter((span) => span.kind === kind) : [];
    return { passed: false, value, threshold, reason, ...at(places.map(({ start, end }) => ({ start, end }))) };
  },
};
