import type { Behaviour } from '../model/index.ts';
import type { Interval } from './bootstrap.ts';
import type { EvaluationSet } from './plan.ts';

/** `43.8 %`. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** `43.8 % (31.0 to 56.3)`. */
export function percentInterval({ value, low, high }: Interval): string {
  return `${percent(value)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

/** `812 (640 to 990)`. */
export function wholeInterval({ value, low, high }: Interval): string {
  return `${Math.round(value)} (${Math.round(low)} to ${Math.round(high)})`;
}

/** The set of problems in words, as code where it holds words of a file. */
export function setInWords({ from, file, hub, levels, topics }: EvaluationSet): string {
  const where = from === 'dataset' ? 'problems of the dataset' : `problems of ${code(hub?.name ?? file ?? 'a file')}`;
  const only = [
    ...(levels?.length ? [`levels ${list(levels)}`] : []),
    ...(topics?.length ? [`topics ${list(topics)}`] : []),
  ];
  return only.length === 0 ? where : `${where} (${only.join('; ')})`;
}

const list = (names: readonly string[]): string => names.map(code).join(', ');

/** Words of a stranger in Markdown: they can't end the line, the cell or the code that they stand in. */
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

/** `1 problem`, `3 problems`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
