import type { FilterResult, Outcome, Verdict } from '../../src/core/schemas/index.ts';
import { formatCount, formatPercent } from '../../src/core/text/format.ts';

/** The decision that results from an act. */
export const DECISION_OF = { accept: 'accepted', reject: 'rejected', skip: 'skipped' } as const;

/** How a verdict was reached: `number`; with equal texts `number, exact`. */
export function decidedBy({ method, gold, prediction }: Verdict): string {
  if (method === 'none') return 'not compared';
  if (method === 'text') return 'exact match';
  return gold !== undefined && gold === prediction ? `${method}, exact` : method;
}

/** What the answers were compared as, by method. */
const METHOD_NAMES: Readonly<Record<string, string>> = {
  number: 'numbers',
  expression: 'expressions',
  set: 'sets',
  tuple: 'tuples',
  interval: 'intervals',
  matrix: 'matrices',
  equation: 'equations',
  choice: 'choices',
  piecewise: 'piecewise functions',
  family: 'families of values',
  ratio: 'ratios',
  numeral: 'numerals of a base',
  time: 'times of day',
  date: 'dates',
  quantity: 'quantities with units',
};

/** The deciding comparison and its detail, in sentences. */
export function describeComparison(verdict: Verdict): string {
  const { method, detail } = verdict;
  // The detail of equal texts names them.
  if (method === 'text') return detail ?? 'Both answers are written the same.';
  return `${comparedAs(verdict)} ${detail ?? ''}`.trim();
}

function comparedAs({ method, gold, prediction }: Verdict): string {
  if (method === 'none') return 'Nothing was compared.';
  const name = METHOD_NAMES[method] ?? method;
  return gold !== undefined && gold === prediction
    ? `Compared as ${name}; both normal forms are the same.`
    : `Compared as ${name}.`;
}

/** The name of a candidate answer's outcome. */
export function sideOf(outcome: Outcome | undefined): string {
  if (outcome === 'correct') return 'right';
  return outcome === 'incorrect' ? 'wrong' : 'not graded';
}

/** An offset as a percentage of the text. */
export function percentAt(offset: number, length: number): string {
  return formatPercent(offset / Math.max(1, length), 0);
}

/** Maximum length of a shown answer, in code units. */
const SHORT = 160;

/** An answer, truncated. */
export function short(text: string): string {
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

/** `orderedTuples` as `ordered tuples`. */
export function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A measured value with at most two decimals. */
export function measured(value: FilterResult['value']): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(2);
}

/** `0-handwritten` as `round 0 · handwritten`. */
export function roundTitle(round: string): string {
  const [, number, name] = /^(\d+)-(.+)$/.exec(round) ?? [];
  return number === undefined ? round : `round ${number} · ${name}`;
}
