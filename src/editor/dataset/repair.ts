import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { damageText, damageTotal, repairText } from '../../verbs/dataset/damage.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import type { DatasetRef } from './find-datasets.ts';

/** Files that a question lists. */
const LISTED = 8;

/** Repair Damaged Lines…: of one file or of the whole dataset, after a question that lists the lines. */
export async function repairDamage(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await services.datasets.refresh(ref);
  const only = fileOf(argument);
  const found = await dataset.index.findDamage();
  const damaged = found.filter(({ file }) => only === undefined || file === only);
  if (damaged.length === 0) {
    await showInformationMessage(t('Every line of {0} can be read.', ref.name));
    return;
  }
  const repair = t('Repair');
  const more = damaged.length - LISTED;
  const detail = [
    ...damaged.slice(0, LISTED).map((one) => `${damageText(one, l10n)}.`),
    ...(more > 0 ? [counted(more, '{0} more file.', '{0} more files.')] : []),
    '',
    t(
      'The lines are moved, byte for byte, to a file with the ending .damaged beside each file. UTF-16 files are converted to UTF-8. A line that a newer Longhand wrote counts as damaged too: update Longhand first.',
    ),
  ].join('\n');
  const question = t('Move the damaged lines of {0} aside?', only ?? ref.name);
  if ((await showWarningMessage(question, { modal: true, detail }, repair)) !== repair) return;
  const title = t('Repairing {0}', ref.name);
  const args = { dataset: ref.folder, ...defined({ files: only === undefined ? undefined : [only] }) };
  const result = await services.verbs.run('repair', args, { title });
  await services.datasets.refresh(ref);
  await showResult(result);
}

async function showResult({ repaired, skipped }: VerbResult<'repair'>): Promise<void> {
  const done = repaired.map((one) => `${repairText(one, l10n)}.`);
  const left = skipped.map(({ file, reason }) => t('{0} is not repaired: {1}.', file, reason));
  const text = [...done, ...left].slice(0, LISTED).join(' ');
  if (left.length > 0) await showWarningMessage(text);
  else await showInformationMessage(text);
}

/** The file of a tree item, relative to the dataset. */
function fileOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('file' in argument)) return undefined;
  return typeof argument.file === 'string' ? argument.file : undefined;
}

/** The damage in the result of a verb, with an action that repairs it. */
export function damageNotice(
  ref: DatasetRef,
  { damaged }: Pick<VerbResult<'export'>, 'damaged'>,
): { text: string; action: { title: string; run: () => unknown } } | undefined {
  if (damaged.length === 0) return undefined;
  const run = () => vscode.commands.executeCommand('longhand.repairDataset', { ref });
  return { text: `${damageTotal(damaged, l10n)}.`, action: { title: t('Repair…'), run } };
}
