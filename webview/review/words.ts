import type { ChainClass, Decision, FilterResult, Verdict } from '../../src/core/model/index.ts';

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
