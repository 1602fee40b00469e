import type { ChainClass, Decision, FilterResult, Outcome, Verdict } from '../../src/core/model/index.ts';

export const CLASS_WORDS: Record<ChainClass, string> = {
  FT: 'wrong, then right',
  TT: 'right twice',
  TF: 'right, then wrong',
  FF: 'wrong twice',
};

export const DECISION_WORDS: Record<Decision, string> = {
  accepted: 'accepted',
  rejected: 'rejected',
  skipped: 'skipped',
  pending: 'not yet',
};

/** What each deciding act makes of a chain. */
export const DECISION_OF = { accept: 'accepted', reject: 'rejected', skip: 'skipped' } as const;

/** How a verdict was reached, for the facts: `number` and equal texts read as "number, exact". */
export function decidedBy({ method, gold, prediction }: Verdict): string {
  if (method === 'none') return 'nothing was compared';
  if (method === 'text') return 'the same text';
  return gold !== undefined && gold === prediction ? `${method}, exact` : method;
}

/** What the comparison took the two answers for. A method without words of its own is read as it is written. */
const METHOD_WORDS: Readonly<Record<string, string>> = {
  number: 'numbers',
  expression: 'expressions',
  set: 'sets',
  tuple: 'tuples',
  interval: 'intervals',
  matrix: 'matrices',
  equation: 'equations',
  choice: 'choices of a list',
  piecewise: 'functions given piece by piece',
  family: 'families of values',
  ratio: 'ratios',
  numeral: 'numerals of a base',
  time: 'times of day',
  date: 'dates',
  quantity: 'quantities with units',
};

/** The deciding comparison as a sentence. */
export function comparison({ method, gold, prediction }: Verdict): string {
  if (method === 'none') return 'Nothing was compared.';
  if (method === 'text') return 'Both answers are written alike.';
  const words = METHOD_WORDS[method] ?? method;
  return gold !== undefined && gold === prediction
    ? `Compared as ${words}; both normal forms are the same.`
    : `Compared as ${words}.`;
}

/** An outcome of a candidate answer, as a step of a thought is called. */
export function sideOf(outcome: Outcome | undefined): string {
  if (outcome === 'correct') return 'right';
  return outcome === 'incorrect' ? 'wrong' : 'not graded';
}

/** A place in a text as a share of it. */
export function percentAt(offset: number, length: number): string {
  return `${Math.round((100 * offset) / Math.max(1, length))} %`;
}

/** Longest text of an answer that is shown beside others, in code units. */
const SHORT = 160;

/** An answer that may be a page long, cut to what can be read at a glance. */
export function short(text: string): string {
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

/** `orderedTuples` as it is read: ordered tuples. */
export function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A measured value as it is read: three digits are enough to judge one. */
export function measured(value: FilterResult['value']): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2);
}

/** `0-handwritten` as it is read: round 0 · handwritten. */
export function roundTitle(round: string): string {
  const [, number, name] = /^(\d+)-(.+)$/.exec(round) ?? [];
  return number === undefined ? round : `round ${number} · ${name}`;
}
