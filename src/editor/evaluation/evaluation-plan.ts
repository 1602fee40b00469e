import * as vscode from 'vscode';
import { isLocalModel } from '../../core/schemas/roles.ts';
import { formatDuration } from '../../core/text/format.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { originText } from '../dataset/hub-choice.ts';
import { costText, count, counted } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, separator } from '../ui/steps.ts';

export type Confirmed = 'start' | 'limit' | 'tokens' | 'settings';

/** The plan of an evaluation with its cost as the choices of the last step. */
export function planChoices(plan: VerbResult<'evaluate'>['plan']): (Choice<Confirmed> | PickItem)[] {
  const { expected, problems, k, bad, response } = plan;
  const bases = {
    sampling: vscode.l10n.t('as in its last sampling round'),
    dialogue: vscode.l10n.t('as in its last dialogue round'),
    guess: vscode.l10n.t('a guess: half of the limit'),
  };
  const time =
    expected.seconds === undefined
      ? vscode.l10n.t('time unknown')
      : vscode.l10n.t('about {0}', formatDuration(expected.seconds));
  const left =
    bad === 0 ? '' : ` · ${counted(bad, '{0} row of the file can’t be used', '{0} rows of the file can’t be used')}`;
  return [
    {
      icon: 'play',
      label: vscode.l10n.t('Evaluate {0}', plan.model.model),
      // The list truncates lines, so the cost comes first.
      description: `${vscode.l10n.t('cost: {0}', costText(expected.cost, isLocalModel(plan.model)))} · ${counted(expected.requests, '{0} request', '{0} requests')} · ${time}`,
      detail: vscode.l10n.t(
        'About {0} in prompts, {1} in answers ({2}), {3} at most',
        counted(expected.promptTokens, '{0} token', '{0} tokens'),
        count(expected.completionTokens),
        bases[expected.from],
        count(expected.completionTokensMax),
      ),
      value: 'start',
    },
    ...(plan.set.hub === undefined ? [] : [{ icon: 'blank', label: originText(plan.set.hub) }]),
    separator(vscode.l10n.t('Change before it starts')),
    {
      icon: 'symbol-numeric',
      label: vscode.l10n.t('Problems'),
      description:
        vscode.l10n.t(
          '{0} of {1}, {2} each',
          count(problems),
          count(plan.set.size),
          counted(k, '{0} sample', '{0} samples'),
        ) + left,
      value: 'limit',
    },
    {
      icon: 'symbol-ruler',
      label: vscode.l10n.t('Tokens per answer'),
      description: count(response.maxTokens),
      value: 'tokens',
    },
    {
      icon: 'settings-gear',
      label: vscode.l10n.t('Prices, sampling and requests in flight'),
      description: vscode.l10n.t('sampling and prices in longhand.json'),
      value: 'settings',
    },
  ];
}
