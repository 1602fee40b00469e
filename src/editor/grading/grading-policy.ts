import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { GradingChoice } from '../../core/schemas/index.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { runSteps, type StepUi, separator } from '../ui/steps.ts';
import { policyOffers } from './grading-format.ts';

/** Choose Grading Policy…: sets the policy for new rounds. Stored verdicts don't change; it offers a regrade. */
export async function chooseGradingPolicy(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  const { grading } = await dataset.reloadSettings();
  const answer: { chosen: GradingChoice | 'switches' } = { chosen: grading };
  const placeholder = t('How are the answers of {0} compared?', ref.name);
  const switches = { icon: 'settings-gear', label: t('Custom Switches…'), value: 'switches' as const };
  const choices = [
    ...policyOffers(grading, l10n),
    separator(t('Change single switches')),
    { ...switches, description: t('grading in longhand.json') },
  ];
  const title = t('Choose Grading Policy');
  const ask = async (ui: StepUi) => {
    answer.chosen = await ui.pick<GradingChoice | 'switches'>({ placeholder, choices, active: grading });
    return undefined;
  };
  if (!(await runSteps(title, ask))) return;
  const { chosen } = answer;
  if (chosen === 'switches') {
    await vscode.commands.executeCommand('longhand.openSettingsFile', { ref });
    return;
  }
  if (!isDeepStrictEqual(chosen, grading)) {
    await services.verbs.run('policy', { dataset: ref.folder, set: chosen });
    await dataset.reloadSettings();
    await services.datasets.refresh(ref);
  }
  await showChosen(services, ref, resolvePolicy(chosen).name ?? '', (await dataset.rounds()).length > 0);
}

async function showChosen(
  services: Services,
  ref: { folder: string; name: string },
  policy: string,
  hasRounds: boolean,
): Promise<void> {
  const text = t('New rounds of {0} are graded by “{1}”.', ref.name, policy);
  if (!hasRounds) {
    void showInformationMessage(text);
    return;
  }
  const regrade = t('Regrade…');
  const kept = t('Stored verdicts do not change until you regrade.');
  if ((await showInformationMessage(`${text} ${kept}`, regrade)) !== regrade) return;
  const { regradeDataset } = await import('./regrade.ts');
  await regradeDataset(services, { ref });
}
