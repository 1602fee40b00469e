import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isHubName, parseHubName, ROW_EXTENSIONS } from '../../core/dataset/index.ts';
import type { BadLine } from '../../protocol/damage.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import type { DatasetRef } from './find-datasets.ts';
import { hubEntry, hubStep } from './hub-choice.ts';

/** Rows that a preview shows. */
export const SHOWN_ROWS = 5;

export interface ImportTarget {
  /** Path, or the name of a set on the Hugging Face hub. */
  file: string;
  ref: DatasetRef;
}

/**
 * @param argument A `Uri` from the explorer, an item of the Datasets view, or nothing.
 * @param hub Whether to offer sets of the Hugging Face Hub too.
 * @throws {CancellationError} if no file is chosen.
 */
export async function importTarget(
  services: Services,
  argument: unknown,
  { hub = false }: { hub?: boolean } = {},
): Promise<ImportTarget> {
  const ref = await services.datasets.resolve(argument instanceof vscode.Uri ? undefined : argument);
  // Reports invalid settings before a file is chosen.
  await services.datasets.open(ref);
  if (argument instanceof vscode.Uri) return { file: argument.fsPath, ref };
  const set = hub ? await askHub(ref) : undefined;
  if (set !== undefined) return { file: set, ref };
  const chosen = await vscode.window.showOpenDialog({
    title: t('Import into {0}', ref.name),
    openLabel: t('Import'),
    filters: { [t('Rows')]: [...ROW_EXTENSIONS], [t('All files')]: ['*'] },
  });
  const file = chosen?.[0];
  if (file === undefined) throw new vscode.CancellationError();
  return { file: file.fsPath, ref };
}

/**
 * @returns The name of a set on the hub; undefined for a file.
 * @throws {CancellationError}
 */
async function askHub(ref: DatasetRef): Promise<string | undefined> {
  let set: string | undefined;
  const ask: Step = async (ui) => {
    const from = await ui.pick<'file' | 'hub'>({
      placeholder: t('Where do the problems come from?'),
      choices: [
        {
          icon: 'folder-opened',
          label: t('A file…'),
          description: ROW_EXTENSIONS.join(', '),
          value: 'file',
        },
        hubEntry<'file' | 'hub'>('hub'),
      ],
    });
    set = undefined;
    return from === 'file' ? undefined : hubStep(take);
  };
  const take = (name: string): undefined => {
    set = name;
  };
  if (await runSteps(t('Import into {0}', ref.name), ask)) return set;
  throw new vscode.CancellationError();
}

/** The name of a file or set in a title: its base name, or `owner/name` without the commit. */
export function nameOf(file: string): string {
  const set = isHubName(file) ? parseHubName(file) : undefined;
  return set !== undefined && 'repo' in set ? set.repo : basename(file);
}

/** The first rows of a file or set, read by the command line, so that this process unpacks no untrusted file. */
export function previewOf({ verbs }: Services, file: string): Promise<VerbResult<'preview'>> {
  const title = isHubName(file) ? t('Fetching {0}', file) : t('Reading {0}', basename(file));
  return verbs.run('preview', { file }, { title });
}

/** Shows the result of an import, with the list of bad lines if there are any. */
export async function showImported(
  services: Services,
  file: string,
  text: string,
  bad: readonly BadLine[],
  next: { title: string; run: () => unknown },
): Promise<void> {
  if (bad.length === 0) {
    if ((await showInformationMessage(text, next.title)) === next.title) await next.run();
    return;
  }
  const show = t('Show Bad Lines');
  const full = `${text} ${counted(bad.length, '{0} line can’t be used.', '{0} lines can’t be used.')}`;
  const answer = await showWarningMessage(full, show, next.title);
  if (answer === next.title) await next.run();
  if (answer === show) {
    await services.documents.show(t('bad lines of {0}.txt', nameOf(file).replace('/', ' ')), badLinesText(file, bad));
  }
}

function badLinesText(file: string, bad: readonly BadLine[]): string {
  const width = String(bad.at(-1)?.line ?? 0).length;
  const lines = bad.map(({ line, reason }) => `${String(line).padStart(width)}  ${reason}`);
  return `${file}\n\n${lines.join('\n')}\n`;
}
