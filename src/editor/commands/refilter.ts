import * as vscode from 'vscode';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { whereApplyIs } from '../read-only-documents.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { runSteps, type Step } from '../steps.ts';
import { askRounds } from './ask-rounds.ts';
import { refilterApplied, refilterFound } from './refilter-words.ts';
import { l10n } from './speech.ts';

type Found = VerbResult<'refilter'>;

/** Re-filter Dataset…: which rounds; then what would change, and only then, if it is wanted, the change itself. */
export async function refilterDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const sizes = new Map((await dataset.rounds()).map((round) => [round, 0]));
  for (const { round } of dataset.index.chains()) sizes.set(round, (sizes.get(round) ?? 0) + 1);
  if (dataset.index.chains().length === 0) throw nothingToFilter();

  const args: VerbArgs<'refilter'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    const question = vscode.l10n.t(
      'Chains of which rounds? They are filtered by the “filters” of longhand.json. Nothing is changed yet.',
    );
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  if (sizes.size > 1 && !(await runSteps(vscode.l10n.t('Re-filter Dataset'), askWhich))) return;
  const found = await look(services, args);
  if (found && (await decide(services, ref, found))) await apply(services, ref, args);
}

function nothingToFilter(): ActionableError {
  return new ActionableError(vscode.l10n.t('The dataset has no chains yet: there is nothing to filter.'), [
    commandAction(vscode.l10n.t('Generate Chains…'), 'longhand.generateChains'),
    commandAction(vscode.l10n.t('Import Traces…'), 'longhand.importTraces'),
  ]);
}

/** Filters without changing anything; undefined when it was cancelled. */
async function look({ verbs }: Services, args: VerbArgs<'refilter'>): Promise<Found | undefined> {
  try {
    return await verbs.run('refilter', args, { title: vscode.l10n.t('Filtering again, to see what would change') });
  } catch (error) {
    if (!isCancel(error)) throw error;
    void vscode.window.showInformationMessage(vscode.l10n.t('Filtering was cancelled, and nothing is changed.'));
    return undefined;
  }
}

/** Says what would change, as often as its list is looked at; whether it shall be applied. */
async function decide({ documents }: Services, ref: DatasetRef, found: Found): Promise<boolean> {
  const text = refilterFound(found, l10n);
  const show = vscode.l10n.t('Show Changes');
  const applying = vscode.l10n.t('Apply');
  const thresholds = vscode.l10n.t('Thresholds');
  const isChanged = found.rounds.some(({ changed }) => changed > 0);
  for (;;) {
    const answer = await vscode.window.showInformationMessage(
      text,
      ...(isChanged ? [show, applying, thresholds] : [thresholds]),
    );
    if (answer === thresholds) {
      await vscode.commands.executeCommand('longhand.openSettingsFile', { ref });
      return false;
    }
    if (answer !== show) return answer === applying;
    const { refilterPage } = await import('../../verbs/refilter-text.ts');
    await documents.show(
      vscode.l10n.t('what filtering {0} again changes.md', ref.name),
      `${refilterPage(found)}\n${whereApplyIs()}\n`,
    );
  }
}

async function apply({ verbs, datasets }: Services, ref: DatasetRef, args: VerbArgs<'refilter'>): Promise<void> {
  try {
    const title = vscode.l10n.t('Filtering {0} again', ref.name);
    const done = await verbs.run('refilter', { ...args, apply: true }, { title });
    void vscode.window.showInformationMessage(refilterApplied(done, l10n));
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = vscode.l10n.t(
      'Filtering was cancelled while its results were being written: some chains have the new ones, others the old. Filter again to finish it.',
    );
    void vscode.window.showWarningMessage(half);
  } finally {
    // Trees and an open reader follow what was written, all of it or a part.
    await datasets.refresh(ref);
  }
}
