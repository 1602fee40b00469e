import * as vscode from 'vscode';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { countsOf, reassemblyPage } from '../../verbs/reassemble-text.ts';
import { whereApplyIs } from '../read-only-documents.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';

type Found = VerbResult<'reassemble'>;

/** Re-assemble Dataset…: what changes by the settings and sentences as they are now, and only then, if it is wanted, the change itself. */
export async function reassembleDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  if (!dataset.index.chains().some(({ origin }) => origin === 'dialogue')) throw nothingToAssemble();
  const args: VerbArgs<'reassemble'> = { dataset: ref.folder };
  const found = await services.verbs.run('reassemble', args, {
    title: vscode.l10n.t('Assembling the chains again, to see what would change'),
  });
  if (!(await decide(services, ref.name, found))) return;
  try {
    const title = vscode.l10n.t('Assembling {0} again', ref.name);
    const done = await services.verbs.run('reassemble', { ...args, apply: true }, { title });
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} chains are assembled again. Reviews stay as they are.', done.changed),
    );
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = vscode.l10n.t(
      'Assembling was cancelled while it was being written: some chains are new, others as they were. Start it again to finish it.',
    );
    void vscode.window.showWarningMessage(half);
  } finally {
    // Trees and an open reader follow what was written, all of it or a part.
    await services.datasets.refresh(ref);
  }
}

function nothingToAssemble(): ActionableError {
  const text = vscode.l10n.t('The dataset has no dialogue chains: there are no pieces to join.');
  return new ActionableError(text, [commandAction(vscode.l10n.t('Generate Chains…'), 'longhand.generateChains')]);
}

/** Says what would change, as often as its list is looked at; whether it shall be written. */
async function decide({ documents }: Services, name: string, found: Found): Promise<boolean> {
  const show = vscode.l10n.t('Show Changes');
  const settings = vscode.l10n.t('Change Settings');
  const applying = vscode.l10n.t('Apply');
  if (found.changed === 0) {
    const text = vscode.l10n.t(
      'All {0} dialogue chains are assembled by the settings as they are. Loss mask, quota and chains kept are set as “dialogue” in longhand.json.',
      found.chains,
    );
    if ((await vscode.window.showInformationMessage(text, settings)) === settings) await openSettings();
    return false;
  }
  for (;;) {
    const answer = await vscode.window.showInformationMessage(countsOf(found), show, applying, settings);
    if (answer === settings) await openSettings();
    if (answer !== show) return answer === applying;
    await documents.show(vscode.l10n.t('changes of {0}.md', name), `${reassemblyPage(found)}\n${whereApplyIs()}\n`);
  }
}

async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand('longhand.openSettingsFile');
}
