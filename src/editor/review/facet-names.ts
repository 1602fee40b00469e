import * as vscode from 'vscode';
// Not from index.ts, which would load the schemas at activation.
import { type ChainClass, CLASS_NAMES } from '../../core/schemas/chain.ts';
import type { SavedFilter } from '../../protocol/review.ts';
import { SHOWN_FACETS, type ShownFacet } from './facets.ts';

/** Name of a facet, as the Review Queue view lists it. */
export function facetName(facet: ShownFacet): string {
  const names: Record<ShownFacet, string> = {
    decision: vscode.l10n.t('Decision'),
    class: vscode.l10n.t('Class'),
    outcome: vscode.l10n.t('Verdict'),
    overruled: vscode.l10n.t('Overruled by You'),
    triage: vscode.l10n.t('Doubtful Answers'),
    round: vscode.l10n.t('Round'),
    failed: vscode.l10n.t('Filtered Out By'),
    behaviour: vscode.l10n.t('Behaviour'),
    judge: vscode.l10n.t('Judge Disagrees'),
    topic: vscode.l10n.t('Topic'),
    level: vscode.l10n.t('Level'),
    reviewer: vscode.l10n.t('Reviewer'),
  };
  return names[facet];
}

/** Name of a value of a facet; a value without a name of its own is shown as stored. */
export function valueName({ facet, value }: SavedFilter): string {
  const names: Readonly<Record<string, string>> = {
    'decision pending': vscode.l10n.t('Pending'),
    'decision accepted': vscode.l10n.t('Accepted'),
    'decision rejected': vscode.l10n.t('Rejected'),
    'decision skipped': vscode.l10n.t('Skipped'),
    'class FT': className('FT'),
    'class TF': className('TF'),
    'class TT': className('TT'),
    'class FF': className('FF'),
    'outcome correct': vscode.l10n.t('Correct'),
    'outcome incorrect': vscode.l10n.t('Incorrect'),
    'outcome truncated': vscode.l10n.t('Truncated'),
    'outcome blocked': vscode.l10n.t('Blocked by the provider'),
    'outcome refused': vscode.l10n.t('Refused by the model'),
    'outcome unfinished': vscode.l10n.t('Unfinished'),
    'outcome empty': vscode.l10n.t('Empty reply'),
    'outcome unknown': vscode.l10n.t('Unknown'),
    'outcome timeout': vscode.l10n.t('Grader timed out'),
    'outcome error': vscode.l10n.t('Grader failed'),
    'overruled correct': vscode.l10n.t('To correct'),
    'overruled incorrect': vscode.l10n.t('To incorrect'),
    'overruled unknown': vscode.l10n.t('To unknown'),
    'triage suspect-gold': vscode.l10n.t('Samples agree on another answer'),
    'failed quota': vscode.l10n.t('Filtered out by quota or selection'),
    'behaviour verification': vscode.l10n.t('Verification'),
    'behaviour backtracking': vscode.l10n.t('Backtracking'),
    'behaviour subgoal': vscode.l10n.t('Subgoal'),
    'behaviour backward': vscode.l10n.t('Backward reasoning'),
    'judge any': vscode.l10n.t('Anywhere'),
    'judge large': vscode.l10n.t('In 30 % of the sentences or more'),
    'judge middling': vscode.l10n.t('In 10 to 30 %'),
    'judge small': vscode.l10n.t('In less than 10 %'),
    'judge none': vscode.l10n.t('Nowhere: judge and classifier agree'),
  };
  return names[`${facet} ${value}`] ?? value;
}

const className = (name: ChainClass): string => `${name} · ${CLASS_NAMES[name]}`;

/** The text of a filter chip: `Verdict: Correct`. */
export function filterLabel(filter: SavedFilter): string {
  const facet = SHOWN_FACETS.find((one) => one === filter.facet);
  return `${facet === undefined ? filter.facet : facetName(facet)}: ${valueName(filter)}`;
}
