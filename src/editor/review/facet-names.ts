// Not from index.ts, which would load the schemas at activation.
import { type ChainClass, CLASS_NAMES } from '../../core/schemas/chain.ts';
import type { SavedFilter } from '../../protocol/review.ts';
import { t } from '../ui/format.ts';
import { SHOWN_FACETS, type ShownFacet } from './facets.ts';

/** Name of a facet, as the Review Queue view lists it. */
export function facetName(facet: ShownFacet): string {
  const names: Record<ShownFacet, string> = {
    decision: t('Decision'),
    class: t('Class'),
    outcome: t('Verdict'),
    overruled: t('Overruled by You'),
    triage: t('Doubtful Answers'),
    round: t('Round'),
    failed: t('Filtered Out By'),
    behaviour: t('Behaviour'),
    judge: t('Judge Disagrees'),
    topic: t('Topic'),
    level: t('Level'),
    reviewer: t('Reviewer'),
  };
  return names[facet];
}

/** Name of a value of a facet; a value without a name of its own is shown as stored. */
export function valueName({ facet, value }: SavedFilter): string {
  const names: Readonly<Record<string, string>> = {
    'decision pending': t('Pending'),
    'decision accepted': t('Accepted'),
    'decision rejected': t('Rejected'),
    'decision skipped': t('Skipped'),
    'class FT': className('FT'),
    'class TF': className('TF'),
    'class TT': className('TT'),
    'class FF': className('FF'),
    'outcome correct': t('Correct'),
    'outcome incorrect': t('Incorrect'),
    'outcome truncated': t('Truncated'),
    'outcome blocked': t('Blocked by the provider'),
    'outcome refused': t('Refused by the model'),
    'outcome unfinished': t('Unfinished'),
    'outcome empty': t('Empty reply'),
    'outcome unknown': t('Unknown'),
    'outcome timeout': t('Grader timed out'),
    'outcome error': t('Grader failed'),
    'overruled correct': t('To correct'),
    'overruled incorrect': t('To incorrect'),
    'overruled unknown': t('To unknown'),
    'triage suspect-gold': t('Samples agree on another answer'),
    'failed quota': t('Filtered out by quota or selection'),
    'behaviour verification': t('Verification'),
    'behaviour backtracking': t('Backtracking'),
    'behaviour subgoal': t('Subgoal'),
    'behaviour backward': t('Backward reasoning'),
    'judge any': t('Anywhere'),
    'judge large': t('In 30 % of the sentences or more'),
    'judge middling': t('In 10 to 30 %'),
    'judge small': t('In less than 10 %'),
    'judge none': t('Nowhere: judge and classifier agree'),
  };
  return names[`${facet} ${value}`] ?? value;
}

const className = (name: ChainClass): string => `${name} · ${CLASS_NAMES[name]}`;

/** The text of a filter chip: `Verdict: Correct`. */
export function filterLabel(filter: SavedFilter): string {
  const facet = SHOWN_FACETS.find((one) => one === filter.facet);
  return `${facet === undefined ? filter.facet : facetName(facet)}: ${valueName(filter)}`;
}
