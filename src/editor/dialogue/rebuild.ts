import * as vscode from 'vscode';
import { countsOf, rebuildPage } from '../../verbs/dialogue/print.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { whereApplyIs } from '../ui/read-only-documents.ts';

type Found = VerbResult<'rebuild'>;

/** Rebuild Chains…: shows what would change with the current settings and sentences, and applies it on request. */
export async function rebuildDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  if (!dataset.index.chains().some(({ origin }) => origin === 'dialogue')) throw nothingToAssemble();
  const args: VerbArgs<'rebuild'> = { dataset: ref.folder };
  const found = await services.verbs.run('rebuild', args, {
    title: t('Assembling the chains again, to see what would change'),
  });
  if (!(await askToApply(services, ref.name, found))) return;
  try {
    const title = t('Assembling {0} again', ref.name);
    const done = await services.verbs.run('rebuild', { ...args, apply: true }, { title });
    void showInformationMessage(
      counted(
        done.changed,
        '{0} chain is rebuilt. Reviews stay as they are.',
        '{0} chains are rebuilt. Reviews stay as they are.',
      ),
    );
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = t(
      'Assembling was cancelled while results were written. Some chains are new, others unchanged. Start it again to finish.',
    );
    void showWarningMessage(half);
  } finally {
    // Trees and an open reader show what was written, even after a cancel.
    await services.datasets.refresh(ref);
  }
}

function nothingToAssemble(): ActionableError {
  const text = t('The dataset has no dialogue chains: there are no pieces to join.');
  return new ActionableError(text, [commandAction(t('Generate Chains…'), 'longhand.generateChains')]);
}

/** Shows what would change, and the list on request. @returns Whether to apply it. */
async function askToApply({ documents }: Services, name: string, found: Found): Promise<boolean> {
  const show = t('Show Changes');
  const settings = t('Change Settings');
  const applying = t('Apply');
  if (found.changed === 0) {
    const text = t(
      'No change: {0} assembled by the current settings. Loss mask, quota and chains kept are set as “dialogue” in longhand.json.',
      counted(found.chains, '{0} dialogue chain is', '{0} dialogue chains are'),
    );
    if ((await showInformationMessage(text, settings)) === settings) await openSettings();
    return false;
  }
  for (;;) {
    const answer = await showInformationMessage(countsOf(found), show, applying, settings);
    if (answer === settings) await openSettings();
    if (answer !== show) return answer === applying;
    await documents.show(t('changes of {0}.md', name), `${rebuildPage(found)}\n${whereApplyIs()}\n`);
  }
}

async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand('longhand.openSettingsFile');
}
