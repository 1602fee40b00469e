// Not from index.ts, which would load the schemas at activation.

import { CLASS_NAMES } from '../../core/dialogue/classes.ts';
import { FINDING_IDS, FINDINGS } from '../../core/examine/kinds.ts';
import type { FieldName } from '../../core/query/fields.ts';
import type { Clause } from '../../core/query/query.ts';
import type { ChainClass } from '../../core/schemas/chain.ts';
import { t } from '../ui/format.ts';

/** Name of a field, as the Review Queue view and the filters of the reader show it. */
export function fieldName(field: FieldName): string {
  const names: Record<FieldName, string> = {
    decision: t('Decision'),
    class: t('Class'),
    verdict: t('Verdict'),
    first: t('First Answer'),
    edited: t('Edited'),
    tag: t('Tag'),
    assigned: t('Assigned To'),
    filters: t('Filters'),
    origin: t('Origin'),
    model: t('Model'),
    parent: t('Made From'),
    problem: t('Problem'),
    chain: t('Chain'),
    note: t('Note'),
    text: t('Text'),
    tokens: t('Tokens'),
    characters: t('Characters'),
    passRate: t('Pass Rate'),
    verification: t('Verification per 1,000 Tokens'),
    backtracking: t('Backtracking per 1,000 Tokens'),
    subgoal: t('Subgoals per 1,000 Tokens'),
    backward: t('Backward Reasoning per 1,000 Tokens'),
    overruled: t('Overruled by You'),
    steps: t('Steps'),
    finding: t('Finding'),
    export: t('Exports'),
    warning: t('Warning'),
    group: t('Near-Duplicate Problems'),
    replyGroup: t('Near-Duplicate Replies'),
    triage: t('Doubtful Answers'),
    round: t('Round'),
    failed: t('Filtered Out By'),
    behaviour: t('Behaviour'),
    judge: t('Judge Disagrees'),
    topic: t('Topic'),
    level: t('Level'),
    reviewer: t('Reviewer'),
  };
  return names[field];
}

/** Name of a value of a facet; a value without a name of its own is shown as stored. */
export function valueName(field: FieldName, value: string): string {
  const facet = field === 'first' ? 'verdict' : field;
  const names: Readonly<Record<string, string>> = {
    'decision pending': t('Pending'),
    'decision accepted': t('Accepted'),
    'decision rejected': t('Rejected'),
    'decision skipped': t('Skipped'),
    'class FT': className('FT'),
    'class TF': className('TF'),
    'class TT': className('TT'),
    'class FF': className('FF'),
    'verdict correct': t('Correct'),
    'verdict incorrect': t('Incorrect'),
    'verdict truncated': t('Truncated'),
    'verdict blocked': t('Blocked by the provider'),
    'verdict refused': t('Refused by the model'),
    'verdict unfinished': t('Unfinished'),
    'verdict empty': t('Empty reply'),
    'verdict unknown': t('Unknown'),
    'verdict timeout': t('Grader timed out'),
    'verdict error': t('Grader failed'),
    'overruled correct': t('To correct'),
    'overruled incorrect': t('To incorrect'),
    'overruled unknown': t('To unknown'),
    'steps wrong': t('A step is wrong'),
    'steps right': t('No step is wrong'),
    'steps some': t('Some are labelled'),
    ...Object.fromEntries(FINDING_IDS.map((id) => [`finding ${id}`, t(FINDINGS[id].title)])),
    'warning wrong-answer': t('Wrong final answer'),
    'warning truncated': t('Truncated before an answer'),
    'warning no-answer': t('No answer'),
    'warning contaminated': t('Text of a benchmark problem'),
    'warning filtered-out': t('Filtered out'),
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

/** The text of a filter chip: `Verdict: Correct`, `Tokens > 4,000`, `Chain contains “wait”`. */
export function clauseLabel({ field, op, values, regex, not }: Clause): string {
  const name = fieldName(field);
  const any = (texts: readonly string[]): string => texts.join(t(' or '));
  if (op === '~') {
    const searched = any(regex ? values : values.map((value) => t('“{0}”', value)));
    if (regex) return not ? t('{0} does not match {1}', name, searched) : t('{0} matches {1}', name, searched);
    return not ? t('{0} does not contain {1}', name, searched) : t('{0} contains {1}', name, searched);
  }
  const shown = any(values.map((value) => valueName(field, value)));
  if (op !== '=') return not ? t('Not {0} {1} {2}', name, op, shown) : `${name} ${op} ${shown}`;
  return not ? t('{0}: not {1}', name, shown) : `${name}: ${shown}`;
}
