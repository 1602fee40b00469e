import { parse } from 'node:path';
import * as vscode from 'vscode';
import { TraceMapping } from '../../core/schemas/index.ts';
import { askNewDataset } from '../dataset/dataset-commands.ts';
import { adopt } from '../dataset/places.ts';
import { askTraceColumns } from '../dataset/trace-columns.ts';
import { requireTrust } from '../registration.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { fileInFront, type OpenFile } from './open-file.ts';

/** Make Dataset of File…: imports the traces of the file into a new dataset, with what was decided, labelled and edited. */
export async function makeDataset(services: Services, { uri, source } = fileInFront()): Promise<void> {
  requireTrust();
  const { name } = source.facts;
  const title = t('Make Dataset of {0}', name);
  const mapping = await completeColumns(title, source);
  if (mapping === undefined) return;
  const dataset = await askNewDataset(services, title, parse(name).name);
  if (dataset === undefined) return;
  const args = { dataset, file: uri.fsPath, mapping, reviews: true };
  const result = await services.verbs.run('import-traces', args, { title });
  if (!(await adopt(services, dataset))) return;
  const open = t('Open Review Queue');
  const text = t(
    'The dataset has {0} and {1}.',
    counted(result.traces, '{0} trace', '{0} traces'),
    counted(result.reviews ?? 0, '{0} review act', '{0} review acts'),
  );
  const bad =
    result.bad.length === 0
      ? ''
      : ` ${counted(result.bad.length, '{0} row could not be used.', '{0} rows could not be used.')}`;
  if ((await showInformationMessage(`${text}${bad}`, open)) !== open) return;
  await vscode.commands.executeCommand('longhand.openReviewQueue');
}

/** The columns of the file, with one for the problems, without which nothing can be imported. */
async function completeColumns(title: string, source: OpenFile['source']): Promise<TraceMapping | undefined> {
  const known = TraceMapping.safeParse(source.columns);
  if (known.success) return known.data;
  const rows = await source.firstRows();
  const detail = t('Chains are graded against the answer, so a dataset needs it.');
  const found = await askTraceColumns<'use'>({
    title,
    rows,
    mapping: source.columns,
    confirm: () => [{ icon: 'check', label: t('Use These Columns'), detail, value: 'use' }],
  });
  return found && TraceMapping.parse(found.mapping);
}
