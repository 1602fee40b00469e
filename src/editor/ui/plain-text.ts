import { defined } from '../../core/defined.ts';

/** Characters that a notification shows at most. */
const LONGEST = 1000;

/** Control characters, line separators, lone surrogates, and marks that change the direction of text. */
const CONTROLS = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu;
/** The same without line feeds. */
const CONTROLS_IN_LINES = /(?:(?!\n)[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff])+/gu;

/** VS Code's notations: `[text](href)` for links, `$(name)` for icons. */
const NOTATION = /(\]|\$)(?=\()/g;
/** Zero-width space. */
const BREAK = '\u200b';

interface PlainTextOptions {
  /** In characters; longer text ends in an ellipsis. Default: 1,000. */
  limit?: number;
  /** Keeps line breaks. Default: false, a line break becomes a space. */
  lines?: boolean;
}

/**
 * Text in which VS Code finds no links, commands and icons, for notifications, quick picks, prompts and the status bar. Such text may
 * come from a dataset, a server or a log. Looks like `text` without control characters. Idempotent.
 */
export function plainText(text: string, { limit = LONGEST, lines = false }: PlainTextOptions = {}): string {
  // Truncated first, since a text may have megabytes. The end may halve a character.
  const bare = text.slice(0, limit + 1).replace(lines ? CONTROLS_IN_LINES : CONTROLS, ' ');
  const shown = bare.replace(NOTATION, `$1${BREAK}`);
  const isTruncated = text.length > limit || shown.length > limit;
  return isTruncated ? `${shown.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : shown;
}

/** A row of a quick pick. `icon` is the name of a product icon before the label. */
export interface PlainRow {
  label: string;
  icon?: string | undefined;
  description?: string;
  detail?: string;
}

/** A row whose texts are shown as they are. Keeps all other fields. */
export function plainRow<T extends PlainRow>(row: T): T {
  const { icon, description, detail } = row;
  const label = plainText(row.label);
  return {
    ...row,
    label: icon === undefined ? label : `$(${icon}) ${label}`,
    ...defined({ description: description && plainText(description), detail: detail && plainText(detail) }),
  };
}

/** Characters of a tooltip. */
const LONGEST_TOOLTIP = 4000;

interface PlainItem {
  label?: string | { label: string; highlights?: [number, number][] };
  description?: string | boolean;
  tooltip?: unknown;
}

/** Makes the texts of a tree item plain. Highlights are removed from a label that changes, because they no longer fit it. */
export function plainItem<T extends PlainItem>(item: T): T {
  const { label, description, tooltip } = item;
  if (typeof label === 'string') item.label = plainText(label);
  else if (label !== undefined) {
    const text = plainText(label.label);
    item.label = text === label.label ? label : { label: text };
  }
  if (typeof description === 'string') item.description = plainText(description);
  if (typeof tooltip === 'string') item.tooltip = plainText(tooltip, { limit: LONGEST_TOOLTIP, lines: true });
  return item;
}
