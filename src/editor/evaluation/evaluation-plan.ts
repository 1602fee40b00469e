import { formatExpectedUse } from '../../core/evaluation/format.ts';
import { isLocalModel } from '../../core/models/model-ref.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { originText } from '../dataset/hub-choice.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, separator } from '../ui/steps.ts';

export type Confirmed = 'start' | 'limit' | 'tokens' | 'settings';

/** The plan of an evaluation with its cost as the choices of the last step. */
export function planChoices(plan: VerbResult<'evaluate'>['plan']): (Choice<Confirmed> | PickItem)[] {
  const { expected, problems, k, bad, response } = plan;
  const { tokens, time } = formatExpectedUse(expected, l10n);
  const left =
    bad === 0 ? '' : ` · ${counted(bad, '{0} row of the file can’t be used', '{0} rows of the file can’t be used')}`;
  return [
    {
      icon: 'play',
      label: t('Evaluate {0}', plan.model.model),
      // The list truncates lines, so the cost comes first.
      description: `${t('cost: {0}', l10n.cost(expected.cost, isLocalModel(plan.model)))} · ${counted(expected.requests, '{0} request', '{0} requests')} · ${time}`,
      detail: tokens,
      value: 'start',
    },
    ...(plan.set.hub === undefined ? [] : [{ icon: 'blank', label: originText(plan.set.hub) }]),
    separator(t('Change before it starts')),
    {
      icon: 'symbol-numeric',
      label: t('Problems'),
      description:
        t('{0} of {1}, {2} each', count(problems), count(plan.set.size), counted(k, '{0} sample', '{0} samples')) +
        left,
      value: 'limit',
    },
    {
      icon: 'symbol-ruler',
      label: t('Tokens per answer'),
      description: count(response.maxTokens),
      value: 'tokens',
    },
    {
      icon: 'settings-gear',
      label: t('Prices, sampling and requests in flight'),
      description: t('sampling and prices in longhand.json'),
      value: 'settings',
    },
  ];
}
