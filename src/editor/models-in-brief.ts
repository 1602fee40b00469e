import type { Speech } from './commands/grading-words.ts';
import { shortened } from './format.ts';

/** As much of a name as the tree has room for beside another. */
const ROOM = 24;

/** The models of a dataset in one line of the tree, each with both of its ends. */
export function modelsInBrief(
  { base, fineTuned }: { base: string | undefined; fineTuned: string | undefined },
  { t }: Pick<Speech, 't'>,
): string {
  if (base === undefined && fineTuned === undefined) return t('not selected');
  if (base === undefined) return t('only fine-tuned: {0}', shortened(fineTuned ?? '', ROOM));
  return [base, ...(fineTuned === undefined ? [] : [fineTuned])].map((name) => shortened(name, ROOM)).join(' → ');
}
