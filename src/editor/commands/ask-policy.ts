import type { GradingChoice } from '../../core/model/index.ts';
import type { Choice, StepUi } from '../steps.ts';
import { policyOffers } from './grading-words.ts';
import { l10n } from './speech.ts';

/** Asks for a policy; that of the dataset, as it stands in longhand.json, comes first. */
export function askPolicy(ui: StepUi, own: GradingChoice | undefined, placeholder: string): Promise<GradingChoice> {
  const choices: Choice<GradingChoice>[] = policyOffers(own, l10n);
  return ui.pick({ placeholder, choices, ...(own === undefined ? {} : { active: own }) });
}
