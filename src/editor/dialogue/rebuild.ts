import * as vscode from 'vscode';
import { countsOf, rebuildPage } from '../../verbs/dialogue/print.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { whereApplyIs } from '../ui/read-only-documents.ts';

/** Rebuild Chains…: shows what would change with the current settings and sentences, and applies it on request. */
export async function rebuildDataset(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  if (!dataset.index.chains().some(({ origin }) => origin === 'dialogue')) throw nothingToAssemble();
  await rework(services, {
    ref,
    args: { dataset: ref.folder },
    verb: 'rebuild',
    what: t('Assembling'),
    describe: formatFound,
    isChanged: ({ changed }) => changed > 0,
    show: {
      label: t('Show Changes'),
      run: (found) =>
        services.documents.show(t('changes of {0}.md', ref.name), `${rebuildPage(found)}\n${whereApplyIs()}\n`),
    },
    other: { label: t('Change Settings'), run: () => vscode.commands.executeCommand('longhand.openSettingsFile') },
    applied: ({ changed }) =>
      void showInformationMessage(
        counted(
          changed,
          '{0} chain is rebuilt. Reviews stay as they are.',
          '{0} chains are rebuilt. Reviews stay as they are.',
        ),
      ),
  });
}

function nothingToAssemble(): ActionableError {
  const text = t('The dataset has no dialogue chains: there are no pieces to join.');
  return new ActionableError(text, [commandAction(t('Generate Chains…'), 'longhand.generateChains')]);
}

/** The result without `--apply`. */
function formatFound(found: VerbResult<'rebuild'>): string {
  if (found.changed > 0) return countsOf(found);
  return t(
    'No change: {0} assembled by the current settings. Loss mask, quota and chains kept are set as “dialogue” in longhand.json.',
    counted(found.chains, '{0} dialogue chain is', '{0} dialogue chains are'),
  );
}
