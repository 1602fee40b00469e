import { ENGLISH, type L10n } from '../../core/text/l10n.ts';
import type { DamagedFile, RepairedFile } from '../../protocol/damage.ts';

/** Line numbers that a sentence lists. */
const LISTED = 10;

/** One damaged file in a sentence without its end: `2 lines of rounds/1-first/chains.jsonl can't be read: 7, 19`. */
export function damageText(damaged: DamagedFile, l10n: L10n = ENGLISH): string {
  const { file, count, whole } = damaged;
  if (whole !== undefined) return l10n.t('{0} can’t be read: {1}', file, whole);
  const lines = lineNumbers(damaged, l10n);
  return l10n.counted(count, 'Line {2} of {1} can’t be read', '{0} lines of {1} can’t be read: {2}', file, lines);
}

/** `7, 19`; of many the first ones: `7, 19, … and 40 more`. */
export function lineNumbers({ count, lines }: DamagedFile, l10n: L10n = ENGLISH): string {
  const shown = lines.slice(0, LISTED).map(({ line }) => String(line));
  const more = count - shown.length;
  const listed = shown.join(', ');
  return more > 0 ? l10n.t('{0}, … and {1} more', listed, l10n.count(more)) : listed;
}

/** All damage in one sentence without its end: `3 lines of 2 files can't be read`. Files of which nothing can be read count as files only. */
export function damageTotal(damaged: readonly DamagedFile[], l10n: L10n = ENGLISH): string {
  const [only] = damaged;
  if (only !== undefined && damaged.length === 1) return damageText(only, l10n);
  const lines = damaged.reduce((sum, { count }) => sum + count, 0);
  const whole = damaged.filter((one) => one.whole !== undefined).length;
  const files = l10n.counted(damaged.length, '{0} file', '{0} files');
  if (whole === 0) {
    return l10n.counted(lines, '{0} line of {1} can’t be read', '{0} lines of {1} can’t be read', files);
  }
  if (lines === 0) return l10n.t('{0} can’t be read', files);
  return l10n.t('{0} can’t be read in whole or in part', files);
}

/** What a verb prints of damage, with what to do; nothing where there is none. */
export function damageLines(damaged: readonly DamagedFile[]): string[] {
  if (damaged.length === 0) return [];
  return [...damaged.map((one) => `${damageText(one)}.`), 'Move them aside with “longhand repair”.'];
}

/** Why a verb ends with exit code 3. */
export function strictlyDamaged(damaged: readonly DamagedFile[]): string {
  return `${damageTotal(damaged)}, and --strict was given. “longhand repair” moves damaged lines aside.`;
}

/** What a repair did to a file: `Moved 2 lines of a.jsonl to a.jsonl.damaged`. */
export function repairText({ file, lines, side, converted }: RepairedFile, l10n: L10n = ENGLISH): string {
  if (converted) return l10n.t('Converted {0} to UTF-8; the original is {1}', file, side);
  return l10n.counted(lines, 'Moved {0} line of {1} to {2}', 'Moved {0} lines of {1} to {2}', file, side);
}
