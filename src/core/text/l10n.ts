import { formatCost, formatCount } from './format.ts';

/** Localises texts and numbers: to the display language in the editor, to English elsewhere. */
export interface L10n {
  /** As `vscode.l10n.t`: `{0}` is the first value. */
  t(message: string, ...values: string[]): string;
  count(value: number): string;
  /**
   * A message about a count: `one` where the count is 1, `many` elsewhere. `{0}` is the count with separators, `{1}` is the
   * first of `values`. `vscode.l10n` has no plural rules, so both messages are whole sentences or phrases.
   */
  counted(value: number, one: string, many: string, ...values: string[]): string;
  /** A cost, or why there is none; see formatCost. */
  cost(cost: number | null | undefined, isLocal: boolean): string;
}

const t: L10n['t'] = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (place, index: string) => values[Number(index)] ?? place);

export const ENGLISH: L10n = {
  t,
  count: (value) => formatCount(value),
  counted: (value, one, many, ...values) => t(Math.round(value) === 1 ? one : many, formatCount(value), ...values),
  cost: formatCost,
};
