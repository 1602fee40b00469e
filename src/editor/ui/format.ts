import * as vscode from 'vscode';
import { formatCost, formatCount } from '../../core/text/format.ts';
import type { EditorL10n } from '../grading/grading-format.ts';

/** A translated message, with the values of its `{0}`, `{1}` and so on. */
export const t = vscode.l10n.t;

/** A count in the language of the editor: `1,240`. */
export const count = (value: number): string => formatCount(value, vscode.env.language);

/**
 * A translated message about a count: `one` if the count is 1, else `many`. `{0}` is the count, `{1}` the first of
 * `values`: `counted(n, '{0} sample', '{0} samples')`.
 */
export const counted = (value: number, one: string, many: string, ...values: string[]): string =>
  t(Math.round(value) === 1 ? one : many, count(value), ...values);

const { language } = vscode.env;

/** Messages, numbers and times in the language of the editor. */
export const l10n: EditorL10n = {
  t,
  count,
  counted,
  cost: (cost, isLocal) => formatCost(cost, isLocal, { none: t('none (local)'), unknown: t('unknown') }, language),
  time: (date) => date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }),
};
