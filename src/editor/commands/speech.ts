import * as vscode from 'vscode';
import { formatCount } from '../format.ts';
import type { Speech } from './grading-words.ts';

const { language } = vscode.env;

/** Words, numbers and times in the language of the editor. */
export const l10n: Speech = {
  t: (message, ...values) => vscode.l10n.t(message, ...values),
  count: (value) => formatCount(value, language),
  time: (date) => date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }),
};
