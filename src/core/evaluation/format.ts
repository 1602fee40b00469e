import type { Behaviour } from '../schemas/index.ts';
import { formatCount, formatPercent } from '../text/format.ts';
import type { Interval, Measure } from './bootstrap.ts';
import type { EvaluationSet } from './plan.ts';

/** `43.8 % (31.0 to 56.3)`. */
export function percentInterval({ value, low, high }: Interval): string {
  return `${formatPercent(value)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

/** `812 (640 to 990)`, `812 (no interval: one problem)`. */
export const wholeInterval = (measure: Measure): string => formatMeasured(measure, formatCount);

/** `1.25 (0.98 to 1.60)`, `2.00 (1.10 or more)`, `1.00 (no interval: the same ratio in all draws)`. */
export const ratioInterval = (ratio: Measure): string => formatMeasured(ratio, (value) => value.toFixed(2));

function formatMeasured({ value, low, high, noInterval }: Measure, format: (value: number) => string): string {
  const reason = noInterval === undefined ? '' : `: ${noInterval}`;
  if (low === null) return `${format(value)} (no interval${reason})`;
  return `${format(value)} (${format(low)} ${high === null ? 'or more' : `to ${format(high)}`})`;
}

/** A description of a problem set; names from files are shown as code. */
export function formatSet({ from, file, hub, levels, topics }: EvaluationSet): string {
  const where = from === 'dataset' ? 'problems of the dataset' : `problems of ${code(hub?.name ?? file ?? 'a file')}`;
  const only = [
    ...(levels?.length ? [`levels ${list(levels)}`] : []),
    ...(topics?.length ? [`topics ${list(topics)}`] : []),
  ];
  return only.length === 0 ? where : `${where} (${only.join('; ')})`;
}

const list = (names: readonly string[]): string => names.map(code).join(', ');

/** Untrusted text as Markdown code that can't end the line, the cell or the code. */
export function code(text: string): string {
  const plain = text.replace(/[\s`|]+/g, ' ').trim();
  return `\`${plain === '' ? ' ' : plain.slice(0, 200)}\``;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export const BEHAVIOUR_NAMES: Readonly<Record<Behaviour, string>> = {
  verification: 'verification',
  backtracking: 'backtracking',
  subgoal: 'subgoals',
  backward: 'backward reasoning',
};
