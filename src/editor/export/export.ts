import { join } from 'node:path';
import * as vscode from 'vscode';
import { formatLeft } from '../../core/export/sources.ts';
import { formatWarnings } from '../../core/export/warnings.ts';
import { parseQuery } from '../../core/query/parse.ts';
import type { ExportChoices } from '../../protocol/export-page.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { chainsOf } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { damageNotice } from '../dataset/repair.ts';
import { noChains } from '../reporter.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { exportedText } from './exported-text.ts';
import { ExportPanel } from './panel.ts';

/**
 * Export Training Set…: a page that shows the rows of an export at each change, and writes them. An argument with `chains` limits it to them.
 */
export async function exportTrainingSet(services: Services, argument: unknown): Promise<void> {
  const { context, datasets, reporter, verbs } = services;
  const { ref, dataset } = await datasets.resolveFresh(argument);
  const { index } = dataset;
  if (index.chainCount === 0) throw noChains(t('Nothing to export: the dataset has no chains yet.'));
  const named = chainsOf(argument);
  const isAccepted = (id: string): boolean => index.decision(id) === 'accepted' && (named?.has(id) ?? true);
  // Unreviewed chains must not be exported by mistake if there are accepted ones.
  const select = index.reviewed().some(isAccepted) ? 'accepted' : 'passed';
  const report = (error: unknown): void => void reporter.error(error);
  ExportPanel.show({
    extension: context.extensionUri,
    folder: ref.folder,
    dataset: ref.name,
    named: named && [...named],
    first: { select },
    plan: async (choices, chains, signal) => {
      const args = { dataset: ref.folder, ...choices, ...(chains && { chains: [...chains] }), plan: true };
      const { plan } = await verbs.run('export', args, { signal });
      if (plan === undefined) throw new Error('longhand export returned no plan.');
      return plan;
    },
    write: (choices, chains) => write(services, ref, choices, chains),
    chains: (query) =>
      void vscode.commands
        .executeCommand('longhand.openChains', { ref, query: parseQuery(query) })
        .then(undefined, report),
    examine: () => void vscode.commands.executeCommand('longhand.examineData', { ref }).then(undefined, report),
    onDidChange: (changed) =>
      datasets.onDidChangeContent((of) => {
        if (of.folder === ref.folder) changed();
      }),
    log: (message) => reporter.log.info(message),
  });
}

async function write(
  services: Services,
  ref: DatasetRef,
  choices: ExportChoices,
  chains: readonly string[] | undefined,
): Promise<void> {
  const args = { dataset: ref.folder, ...choices, ...(chains && { chains: [...chains] }) };
  const result = await services.verbs.run('export', args, { title: t('Export Training Set') });
  await services.datasets.refresh(ref);
  // The page closes; the notification may be answered much later.
  showExported(result, damageNotice(ref, result)).catch((error: unknown) => services.reporter.error(error));
}

async function showExported(result: VerbResult<'export'>, damage: ReturnType<typeof damageNotice>): Promise<void> {
  const card = t('Open Card');
  const reveal = t('Show Folder');
  const phrases = formatWarnings(result.warnings, l10n);
  const { trouble } = result;
  const warning = phrases.length === 0 ? [] : [t('Of these, {0}.', phrases.join(', '))];
  const sentences = [
    exportedText(result, l10n),
    ...warning,
    ...formatWithoutRow(result),
    ...(trouble === undefined ? [] : [`${trouble.message} ${trouble.advice ?? ''}`.trimEnd()]),
    ...(damage ? [damage.text] : []),
  ].join(' ');
  const actions = [...(damage ? [damage.action.title] : []), card, reveal];
  const show = phrases.length === 0 && !damage && trouble === undefined ? showInformationMessage : showWarningMessage;
  const answer = await show(sentences, ...actions);
  if (damage && answer === damage.action.title) await damage.action.run();
  const folder = vscode.Uri.file(result.folder);
  if (answer === card) {
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(result.folder, 'README.md')));
  } else if (answer === reveal) {
    await vscode.commands.executeCommand('revealInExplorer', folder);
  }
}

function formatWithoutRow({ left = {} }: VerbResult<'export'>): string[] {
  const reasons = formatLeft(left, l10n);
  if (reasons.length === 0) return [];
  return [t('Without a row: {0}. They are listed in left-out.jsonl.', reasons.join(', '))];
}
