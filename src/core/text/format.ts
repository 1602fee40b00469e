/** Numbers, times and costs as a person reads them: the one place for the editor, the pages, the command line and reports. */
import { keepLast } from '../keep-last.ts';

/** `1234567` → `1,234,567`, by the locale. Rounds to a whole number. */
export const formatCount = (value: number, locale = 'en'): string => countFormat(locale).format(Math.round(value));

/** Making a format takes a hundred times as long as using it. */
const countFormat = keepLast((locale: string) => new Intl.NumberFormat(locale));

/** A count with its noun: `1 sample`, `1,240 samples`. `many` is the noun for every count but 1. */
export function plural(count: number, one: string, many = `${one}s`, locale = 'en'): string {
  return `${formatCount(count, locale)} ${Math.round(count) === 1 ? one : many}`;
}

/** An amount with two decimals at most and its noun: `1 problem`, `2.5 problems`. */
export function pluralAmount(amount: number, one: string, many = `${one}s`, locale = 'en'): string {
  const text = amount.toLocaleString(locale, { maximumFractionDigits: 2 });
  return `${text} ${text === '1' ? one : many}`;
}

/** A count in a unit of progress, which is a plural or a symbol: `1 row`, `1,240 rows`, `5 s`. */
export function formatProgress(count: number, unit: string, locale = 'en'): string {
  return plural(count, unit.length > 1 ? unit.replace(/s$/, '') : unit, unit, locale);
}

/** A count of something that is only expected: one decimal below 10, a whole number above: `0`, `3.4`, `1,240`. */
export function formatExpected(value: number, locale = 'en'): string {
  return value < 10 ? value.toLocaleString(locale, { maximumFractionDigits: 1 }) : formatCount(value, locale);
}

/** The mark before an expected number that rests on the prior: `≈ 3.4`. */
export const markOf = ({ restsOnPrior }: { restsOnPrior: boolean }): string => (restsOnPrior ? '≈ ' : '');

/** A rate with two significant digits below 10 and whole numbers above: `0.42`, `3.1`, `128`. */
export function formatRate(value: number, locale = 'en'): string {
  return value < 10 ? value.toLocaleString(locale, { maximumSignificantDigits: 2 }) : formatCount(value, locale);
}

/** A measured number with a few significant digits, as a power of ten below 0.001: `2.3`, `1,240`, `5e-5`. */
export function formatMeasure(value: number, digits = 3, locale = 'en'): string {
  const rounded = Number(value.toPrecision(digits));
  if (rounded !== 0 && Math.abs(rounded) < 0.001) return rounded.toExponential();
  return rounded.toLocaleString(locale, { maximumSignificantDigits: digits });
}

/** Numbers in their order: `200, 1,000`. */
export const formatNumbers = (values: readonly number[], locale = 'en'): string =>
  values.map((value) => formatCount(value, locale)).join(', ');

/** A share of 1 as a percentage, with one decimal unless `digits` is set: `43.8 %`. */
export const formatPercent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Measured seconds with one decimal: `1.2 s`. */
export const formatSeconds = (seconds: number): string => `${seconds.toFixed(1)} s`;

/** A training loss with four significant digits: `0.5000`. */
export const formatLoss = (loss: number): string => loss.toPrecision(4);

/** Seconds as the two largest units that matter: `45 s`, `3 min`, `2 h 5 min`, `1 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A large count in few characters: `3.5M`, `10K`, `950`. */
export function formatCompact(count: number, locale = 'en'): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** Bytes in decimal units, as disks are sold: `145 MB`. */
export function formatBytes(bytes: number, locale = 'en'): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** An amount of money without its currency: two decimals, four below 0.1. */
export function formatMoney(amount: number, locale = 'en'): string {
  const digits = amount > 0 && amount < 0.1 ? 4 : 2;
  return amount.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The words for a cost that is no number. */
export interface CostWords {
  /** A model on this machine without prices: nothing is paid. */
  none: string;
  unknown: string;
}

const COST_WORDS: CostWords = { none: 'none (local)', unknown: 'unknown' };

/** A cost, or why there is none: `0.42`, `none (local)`, `unknown`. `isLocal`: the model runs on this machine. */
export function formatCost(
  cost: number | null | undefined,
  isLocal: boolean,
  words: CostWords = COST_WORDS,
  locale = 'en',
): string {
  if (cost !== undefined && cost !== null) return formatMoney(cost, locale);
  return isLocal ? words.none : words.unknown;
}

/** The text in one line, shortened to at most `length` code units without splitting a surrogate pair. */
export function oneLine(text: string, length: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat.length <= length) return flat;
  return `${flat.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The text shortened in its middle to at most `length` characters: long names mostly differ at an end. */
export function shortened(text: string, length: number): string {
  const letters = [...text];
  if (letters.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${letters.slice(0, length - 1 - end).join('')}…${letters.slice(-end).join('')}`;
}

/** A command that a person can paste into a Unix shell: environment first, words quoted where needed. */
export function formatCommand(command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return [...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`), ...command.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
