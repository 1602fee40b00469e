import * as vscode from 'vscode';
import { FILE_EXTENSIONS } from '../contributions/index.ts';
import { t } from '../ui/format.ts';
import { openTraceFile } from './provider.ts';

/** Open Trace File…: opens a file in the reader. @param argument A `Uri` from the explorer, or nothing: asks for a file. */
export async function openTraces(argument: unknown): Promise<void> {
  if (argument instanceof vscode.Uri) return openTraceFile(argument);
  const chosen = await vscode.window.showOpenDialog({
    title: t('Open Trace File'),
    filters: { [t('Rows')]: [...FILE_EXTENSIONS], [t('All files')]: ['*'] },
  });
  if (chosen?.[0] !== undefined) await openTraceFile(chosen[0]);
}
