import type { GradingPolicy } from '../schemas/index.ts';

/** A number, with the word for its magnitude: the currency follows both. */
const SIZE = '(?:hundred|thousand|million|billion|trillion)';
const AMOUNT = String.raw`(\d[\d.]*(?:\s*(?:${SIZE}(?![A-Za-z])|\\text\s*\{\s*${SIZE}\s*\}))?)`;
const ESCAPED = new RegExp(String.raw`\\\$\s*${AMOUNT}`, 'gi');
const PLAIN = new RegExp(String.raw`\$\s*${AMOUNT}`, 'gi');
const OTHER = new RegExp(String.raw`([€£])\s*${AMOUNT}`, 'gi');

/** `$1,000$` are delimiters; `$1,000` and `1,000$` are money. Both leave the same number, with its unit after it if units count. */
export function dropDollars(text: string, policy: GradingPolicy): string {
  const money = policy.units === 'ignore' ? ' ' : ' dollar ';
  const plain = otherCurrencies(text, policy).replace(ESCAPED, `$1${money}`).replace(/\\\$/g, money);
  const paired = (plain.match(/\$/g)?.length ?? 0) % 2 === 0;
  return paired ? plain.replace(/\$/g, ' ') : plain.replace(PLAIN, `$1${money}`).replace(/\$/g, money);
}

/** `€5` is `5 €`. The sign ¥ is used for two currencies, so it is not a unit. */
function otherCurrencies(text: string, policy: GradingPolicy): string {
  if (policy.units === 'ignore') return text.replace(/[€£¥¢]/g, ' ');
  return text.replace(OTHER, '$2 $1 ').replace(/¥/g, ' ');
}
