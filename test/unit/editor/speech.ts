import type { Speech } from '../../../src/editor/commands/grading-words.ts';

/** English without the editor: places are filled in as `vscode.l10n.t` does. */
export const l10n: Speech = {
  t: (message, ...values) => message.replace(/\{(\d+)\}/g, (place, index) => values[Number(index)] ?? place),
  count: (value) => value.toLocaleString('en'),
  time: (date) => date.toISOString().slice(0, 16),
};
