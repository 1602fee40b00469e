import * as vscode from 'vscode';
import type { VerbResult } from '../../protocol/verbs.ts';
import { formatCount, formatDuration } from '../format.ts';
import { originText } from '../hub-choice.ts';
import { type Choice, separator } from '../steps.ts';

export type Confirmed = 'start' | 'limit' | 'tokens' | 'settings';

export const count = (value: number): string => formatCount(value, vscode.env.language);

/** What an evaluation would ask for and cost, as the choices of the last step. */
export function planChoices(plan: VerbResult<'evaluate'>['plan']): (Choice<Confirmed> | vscode.QuickPickItem)[] {
  const { expected, problems, k, bad, response } = plan;
  const bases = {
    sampling: vscode.l10n.t('as in its last sampling round'),
    dialogue: vscode.l10n.t('as in its last dialogue round'),
    guess: vscode.l10n.t('a guess: half of the limit'),
  };
  const time =
    expected.seconds === undefined ? '' : ` · ${vscode.l10n.t('about {0}', formatDuration(expected.seconds))}`;
  const left = bad === 0 ? '' : ` · ${vscode.l10n.t('{0} rows of the file could not be used', count(bad))}`;
  return [
    {
      label: `$(play) ${vscode.l10n.t('Evaluate {0}', plan.model.model)}`,
      // Each line is cut at its end: the cost, which decides, comes first.
      description: `${vscode.l10n.t('cost: {0}', costText(expected.cost))} · ${vscode.l10n.t('{0} requests', count(expected.requests))}${time}`,
      detail: vscode.l10n.t(
        'About {0} tokens read, {1} written ({2}), {3} at most',
        count(expected.promptTokens),
        count(expected.completionTokens),
        bases[expected.from],
        count(expected.completionTokensMax),
      ),
      value: 'start',
    },
    ...(plan.set.hub === undefined ? [] : [{ label: `$(blank) ${originText(plan.set.hub)}` }]),
    separator(vscode.l10n.t('Change before it starts')),
    {
      label: `$(symbol-numeric) ${vscode.l10n.t('Problems')}`,
      description: vscode.l10n.t('{0} of {1}, {2} samples each', count(problems), count(plan.set.size), k) + left,
      value: 'limit',
    },
    {
      label: `$(symbol-ruler) ${vscode.l10n.t('Tokens an answer')}`,
      description: count(response.maxTokens),
      value: 'tokens',
    },
    {
      label: `$(settings-gear) ${vscode.l10n.t('Prices, sampling and requests in flight')}`,
      description: vscode.l10n.t('sampling and prices in longhand.json'),
      value: 'settings',
    },
  ];
}

function costText(cost: number | undefined): string {
  if (cost === undefined) return vscode.l10n.t('unknown');
  return cost.toLocaleString(vscode.env.language, { maximumFractionDigits: cost < 0.1 ? 4 : 2 });
}
