import { bitOf, type FindingId } from './kinds.ts';
import type { Hit, ReadRow, RowContext, RowRule } from './row.ts';
import { contradictsGold, goldUnreadable, noAnswer } from './rules/answer.ts';
import { contaminated, languageMix } from './rules/filtered.ts';
import { leftoverPrompt } from './rules/leftover-prompt.ts';
import { loop } from './rules/loop.ts';
import { refusal } from './rules/refusal.ts';
import { personalData, secret } from './rules/sensitive.ts';
import { thinkTags } from './rules/think-tags.ts';
import { truncated } from './rules/truncated.ts';

/** The rules about one row. `set.ts` has those about several. */
const ROW_RULES: readonly RowRule[] = [
  secret,
  contaminated,
  truncated,
  loop,
  thinkTags,
  leftoverPrompt,
  refusal,
  contradictsGold,
  noAnswer,
  personalData,
  languageMix,
  goldUnreadable,
];

/** What the rules find in a row. Pure, in linear time. */
export function examineRow(row: ReadRow, context: RowContext): Hit[] {
  const hits = ROW_RULES.flatMap(({ finding, find }) => {
    const hit = find(row, context);
    return hit === undefined ? [] : [{ finding, ...hit }];
  });
  // A reply that is truncated, loops or is a refusal has no answer for that reason.
  return hits.filter(({ finding }) => finding !== 'no-answer' || !hits.some((hit) => EXPLAINS.has(hit.finding)));
}

const EXPLAINS: ReadonlySet<FindingId> = new Set(['truncated', 'loop', 'refusal', 'not-examined']);

/** The bits of findings. */
export const bitsOf = (findings: readonly { finding: FindingId }[]): number =>
  findings.reduce((bits, { finding }) => bits | bitOf(finding), 0);
