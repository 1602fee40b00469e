import * as vscode from 'vscode';
import type { VerbArgs } from '../../verbs/index.ts';
import { formatRefiltered, refilterPage } from '../../verbs/review/print.ts';
import { askRounds, roundSizes } from '../dataset/ask-scope.ts';
import { noChains } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { whereApplyIs } from '../ui/read-only-documents.ts';
import { runSteps, type Step } from '../ui/steps.ts';

/** Refilter Chains…: asks for the rounds, shows what would change, and applies it on request. */
export async function refilterDataset(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  const sizes = roundSizes(dataset.index.chains(), await dataset.rounds());
  if (dataset.index.chainCount === 0) throw noChains(t('The dataset has no chains yet: there is nothing to filter.'));

  const args: VerbArgs<'refilter'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    const question = t(
      'Chains of which rounds? They are filtered by the “filters” of longhand.json. Nothing is changed yet.',
    );
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  if (sizes.size > 1 && !(await runSteps(t('Refilter Chains'), askWhich))) return;
  await rework(services, {
    ref,
    args,
    verb: 'refilter',
    what: t('Filtering'),
    describe: (found) => formatRefiltered(found, l10n),
    isChanged: ({ rounds }) => rounds.some(({ changed }) => changed > 0),
    show: {
      label: t('Show Changes'),
      run: (found) =>
        services.documents.show(t('filter changes in {0}.md', ref.name), `${refilterPage(found)}\n${whereApplyIs()}\n`),
    },
    other: {
      label: t('Thresholds'),
      run: () => vscode.commands.executeCommand('longhand.openSettingsFile', { ref }),
    },
    applied: (done) => void showInformationMessage(formatRefiltered(done, l10n)),
  });
}
