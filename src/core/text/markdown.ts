import { formatCount } from './format.ts';

type Cell = string | number;

/** A table of Markdown. All columns but the first are aligned to the right; numbers are counts. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? formatCount(cell) : cell)).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A text of others as one line that means nothing to Markdown: no emphasis, no link, no picture that a preview would fetch, no HTML. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<&$]|\](?=\()/g, '\\$&');
}

/** A code span of Markdown that holds any text: its fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || line === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Text for a cell of a table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|');
