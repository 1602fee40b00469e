import { defined } from '../../core/defined.ts';
import type { GradingChoice } from '../../core/schemas/index.ts';
import { l10n } from '../ui/format.ts';
import type { Choice, StepUi } from '../ui/steps.ts';
import { policyOffers } from './grading-format.ts';

/** Asks for a policy; that of the dataset comes first. */
export function askPolicy(ui: StepUi, own: GradingChoice | undefined, placeholder: string): Promise<GradingChoice> {
  const choices: Choice<GradingChoice>[] = policyOffers(own, l10n);
  return ui.pick({ placeholder, choices, ...defined({ active: own }) });
}
