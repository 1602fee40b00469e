import { modelOf } from '../../core/models/model-ref.ts';
import type { PlanPageChoices } from '../../protocol/plan-page.ts';
import type { RoundPlace } from '../../protocol/sampling.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { roundAccess } from '../dataset/round-commands.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { PlanPanel } from './panel.ts';

/** The commands of the page's buttons. */
const OPENS = {
  selectModel: async (...args: [Services, unknown]) => (await import('../models/select-model.ts')).selectModel(...args),
  setPrices: async (...args: [Services, unknown]) => (await import('../models/prices.ts')).setPrices(...args),
  importProblems: async (...args: [Services, unknown]) =>
    (await import('../dataset/import-problems.ts')).importProblems(...args),
} as const;

/** Plan Sampling Round…: a page that shows requests, cost and expected results of a round at each change, and starts it. */
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
      // Loaded on demand.
      import('./batch-steps.ts')
        .then(({ choosePlace }) => choosePlace(services, { before, model }, moved))
        .catch((error: unknown) => reporter.error(error));
    },
    command: (name) => void OPENS[name](services, { ref }).catch((error: unknown) => reporter.error(error)),
    // Plans again after a change of models or prices. A running round changes only the content.
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
  const title = t('Starting a sampling round');
  const args = { dataset: ref.folder, ...choices, ...place, detach: true };
  // A Cancel here would not stop the detached runner; the status bar does.
  const { round } = await services.verbs.run('sample-round', args, { title, access, cancellable: false });
  await services.roundPlaces.set(ref.folder, round, place);
  await services.rounds.refresh(ref);
}
