import { plural } from '../../core/text/format.ts';

/** Line numbers that a warning lists. */
const LISTED = 10;

/** A warning about lines that are skipped: `2 lines of benchmarks/a.jsonl can't be used: 7, 19. ` with what that means and what to do. */
export function skippedLines(file: string, numbers: readonly number[], advice: string): string {
  const more = numbers.length > LISTED ? ' …' : '';
  return `${plural(numbers.length, 'line')} of ${file} can't be used: ${numbers.slice(0, LISTED).join(', ')}${more}. ${advice}`;
}
