import type { HeadOutcome } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { RefitResult } from '../../protocol/rework.ts';

const two = (value: number): string => value.toFixed(2);

/** `precision 0.61 → 0.78, recall …`, on held-back labels. */
function scoresText({ before, after }: HeadOutcome): string {
  if (before === undefined || after === undefined) return '';
  const parts = (['precision', 'recall', 'f1', 'kappa'] as const).map(
    (score) =>
      `${score === 'f1' ? 'F1' : score === 'kappa' ? 'κ' : score} ${two(before[score])} → ${two(after[score])}`,
  );
  return parts.join(', ');
}

/** What refitting found for one behaviour, as a sentence without a full stop. */
function outcomeText(outcome: HeadOutcome): string {
  const { kind, verdict, deciding } = outcome;
  if (verdict === 'few') {
    return `${kind}: too few labels to decide (${plural(deciding, 'labelled sentence')}, ${formatCount(outcome.positives)} with it)`;
  }
  const held = `${scoresText(outcome)} on held-back labels`;
  return verdict === 'better' ? `${kind}: ${held}` : `${kind}: no better, unchanged (${held})`;
}

/** What a refit found, for a person at a terminal. */
export function formatRefit(result: RefitResult): string {
  const { labels, corrected, chains, reviewers, outcomes, better, written, current } = result;
  if (labels + corrected === 0) {
    return [
      'There are no labels yet. Draw sentences with “longhand calibrate --draw 100 --reviewer NAME”.',
      currentText(current),
    ]
      .filter((line) => line !== '')
      .join('\n');
  }
  const by = reviewers.join(', ');
  return [
    `${plural(labels, 'labelled sentence')} and ${plural(corrected, 'sentence')} corrected in the reader, in ${plural(chains, 'chain')}, by ${by}.`,
    ...outcomes.map((outcome) => `  ${outcomeText(outcome)}`),
    written !== undefined
      ? `Written: classifier/${written}.json. New chains are marked with it. “longhand remark --apply” marks the existing ones again.`
      : better
        ? 'Nothing was changed. --apply writes the updated classifier into the dataset.'
        : 'Nothing was changed: on held-back labels, the classifier gets no better.',
    currentText(current),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function currentText({ state, number, labels, problem }: RefitResult['current']): string {
  switch (state) {
    case 'none':
      return '';
    case 'used':
      return `In use: classifier/${number}.json, from ${plural(labels ?? 0, 'label')}.`;
    case 'off':
      return `Switched off: classifier/${number}.json. “--on” uses it again.`;
    case 'outdated':
      return `Out of date: classifier/${number}.json was made for other weights of Longhand and is not used. “--apply” updates it.`;
    case 'damaged':
      return `${problem ?? ''} It is not used.`;
  }
}
