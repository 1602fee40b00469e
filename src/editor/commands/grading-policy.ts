import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { resolvePolicy } from '../../core/answers/policies.ts';
import type { GradingChoice } from '../../core/model/index.ts';
import type { Services } from '../services.ts';
import { runSteps, type StepUi, separator } from '../steps.ts';
import { policyOffers } from './grading-words.ts';
import { l10n } from './speech.ts';

/** Choose Grading Policy…: by which policy new rounds of a dataset are graded. What is graded stays as it is; a regrade is offered. */
export async function chooseGradingPolicy(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  const { grading } = await dataset.reloadSettings();
  const answer: { chosen: GradingChoice | 'switches' } = { chosen: grading };
  const placeholder = vscode.l10n.t('How are the answers of {0} compared?', ref.name);
  const switches = { label: `$(settings-gear) ${vscode.l10n.t('Switches of its own…')}`, value: 'switches' as const };
  const choices = [
    ...policyOffers(grading, l10n),
    separator(vscode.l10n.t('Change single switches')),
    { ...switches, description: vscode.l10n.t('grading in longhand.json') },
  ];
  const title = vscode.l10n.t('Choose Grading Policy');
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
  await tell(services, ref, resolvePolicy(chosen).name ?? '', (await dataset.rounds()).length > 0);
}

async function tell(
  services: Services,
  ref: { folder: string; name: string },
  policy: string,
  hasRounds: boolean,
): Promise<void> {
  const said = vscode.l10n.t('New rounds of {0} are graded by “{1}”.', ref.name, policy);
  if (!hasRounds) {
    void vscode.window.showInformationMessage(said);
    return;
  }
  const regrade = vscode.l10n.t('Regrade…');
  const kept = vscode.l10n.t('Nothing is regraded by that: what is graded keeps its verdicts.');
  if ((await vscode.window.showInformationMessage(`${said} ${kept}`, regrade)) !== regrade) return;
  const { regradeDataset } = await import('./regrade.ts');
  await regradeDataset(services, { ref });
}
