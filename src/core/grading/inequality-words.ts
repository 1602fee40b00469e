const LEAST = '(?:greater|more|larger|bigger) than or equal to|at least|(?:no|not) (?:less|fewer|smaller) than';
const MOST = '(?:less|fewer|smaller) than or equal to|at most|(?:no|not) (?:more|greater|larger) than';
const OVER = '(?:strictly )?(?:greater|more|larger|bigger) than';
const UNDER = '(?:strictly )?(?:less|fewer|smaller) than';

const VERB = '(?:is|are|must be|should be|has to be|can be)';
/** A single letter is the subject; without a verb, `n more than 5` is a sum, so only `at least` and `at most` count there. */
const SUBJECT = String.raw`([a-zA-Z])\s+(?:${VERB}\s+|(?=at (?:least|most) ))`;
const BOUND = new RegExp(
  String.raw`(?<=(?:^|[,;]|\b(?:and|or))\s*)(?:${SUBJECT})?(?:(${LEAST})|(${MOST})|(${OVER})|(${UNDER}))\s+(?=[-+]?\s*[\d\\.(])`,
  'g',
);
const SIGN = new RegExp(
  String.raw`(?<=(?:^|[,;]|\b(?:and|or))\s*)([a-zA-Z])\s+${VERB}\s+(?:strictly\s+)?(negative|positive|non-?negative|non-?positive|non-?zero)(?=\s*(?:[.,;]|$|(?:and|or)\b))`,
  'g',
);
const SIGNS: Readonly<Record<string, string>> = {
  negative: '<0',
  positive: '>0',
  nonnegative: '\\ge 0',
  nonpositive: '\\le 0',
  nonzero: '\\ne 0',
};
const BETWEEN = new RegExp(
  String.raw`^\s*([a-zA-Z])\s+(?:(?:${VERB}|lies)\s+)?between\s+(-?[^\s,]{1,40})\s+and\s+(-?[^\s,]{1,40}?),?\s+\(?(inclusive|exclusive)\)?\s*\.?\s*$`,
);

/** Converts `x is at least 3`, `less than 7`, `x is negative`, `x between 1 and 3 inclusive` to signs; other texts are unchanged. */
export function spellInequalities(text: string): string {
  if (!/than|least|most|tive|zero|between/.test(text)) return text;
  return text
    .replace(/\s+/g, ' ')
    .replace(BETWEEN, (_, name: string, low: string, high: string, ends: string) => {
      const sign = ends === 'inclusive' ? '\\le ' : '<';
      return `${low}${sign}${name}${sign}${high}`;
    })
    .replace(BOUND, (_, name = '', least, most, over) => {
      return `${name}${least ? '\\ge ' : most ? '\\le ' : over ? '>' : '<'}`;
    })
    .replace(SIGN, (whole, name: string, word: string) => {
      const sign = SIGNS[word.replace('-', '')];
      return sign === undefined ? whole : `${name}${sign}`;
    });
}
