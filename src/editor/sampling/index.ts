import * as vscode from 'vscode';
import { modelOf } from '../../core/model/roles.ts';
import type { PlanPageChoices } from '../../protocol/plan-page.ts';
import { roundAccess } from '../commands/rounds.ts';
import type { DatasetRef } from '../find-datasets.ts';
import type { RoundPlace } from '../round-places.ts';
import type { Services } from '../services.ts';
import { PlanPanel } from './panel.ts';

const COMMANDS = {
  selectModel: 'longhand.selectModel',
  setPrices: 'longhand.setPrices',
  importProblems: 'longhand.importProblems',
} as const;

/** Plan Sampling Round…: a page that shows at each change what a round would ask for, cost and bring, and starts it. */
export async function planSamplingRound(services: Services, argument: unknown): Promise<void> {
  const { context, datasets, reporter, verbs } = services;
  const ref = await datasets.resolve(argument);
  const dataset = await datasets.open(ref);
  PlanPanel.show({
    extension: context.extensionUri,
    folder: ref.folder,
    source: {
      dataset: ref.name,
      models: async () => {
        const { model, fineTuned } = await dataset.reloadSettings();
        return { base: model?.model ?? null, fineTuned: fineTuned?.model ?? null };
      },
      plan: (choices, signal) => verbs.run('plan-sampling', { dataset: ref.folder, ...choices }, { signal }),
      start: (choices, place) => start(services, ref, choices, place),
    },
    choosePlace: (before, choices, moved) => {
      const model = modelOf(dataset.settings, choices.role ?? 'fine-tuned', true);
      // Loaded when it is first needed: what opens a page need not know of clusters.
      import('../commands/batch-steps.ts')
        .then(({ choosePlace }) => choosePlace(services, { before, model }, moved))
        .catch((error: unknown) => reporter.error(error));
    },
    command: (name) => void vscode.commands.executeCommand(COMMANDS[name], { ref }),
    // Another model or price, whoever set it, is another plan; a running round changes the content and not the settings.
    onDidChange: (changed) => {
      let seen = JSON.stringify(dataset.settings);
      return datasets.onDidChangeContent(async (of) => {
        if (of.folder !== ref.folder) return;
        const now = JSON.stringify(await dataset.reloadSettings());
        if (now === seen) return;
        seen = now;
        changed();
      });
    },
    log: (message) => reporter.log.info(message),
  });
}

async function start(
  services: Services,
  ref: DatasetRef,
  choices: PlanPageChoices,
  place: RoundPlace | undefined,
): Promise<void> {
  const settings = await (await services.datasets.open(ref)).reloadSettings();
  const model = modelOf(settings, choices.role ?? 'fine-tuned', true);
  const access = await roundAccess(services, model, place);
  const title = vscode.l10n.t('Starting a sampling round');
  const args = { dataset: ref.folder, ...choices, ...place, detach: true };
  // The runner is a process of its own: the status bar stops it once it is there, and a Cancel here would not.
  const { round } = await services.verbs.run('sample-round', args, { title, access, cancellable: false });
  await services.roundPlaces.set(ref.folder, round, place);
  await services.rounds.look(ref);
}
