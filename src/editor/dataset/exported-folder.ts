import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { MANIFEST_FILE, type Manifest, readManifest } from '../../core/export/index.ts';
import { LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';
import { counted, t } from '../ui/format.ts';
import { type Choice, runSteps } from '../ui/steps.ts';

type From = 'export' | 'rows';

/**
 * If a file belongs to an export of Longhand, asks whether to import all of it.
 * @returns The folder of the export; undefined for the rows of the file alone.
 * @throws {CancellationError}
 */
export async function askExported(file: string): Promise<string | undefined> {
  const folder = dirname(file);
  const manifest = readManifest(await readWholeText(join(folder, MANIFEST_FILE), LARGEST_STATE).catch(() => ''));
  if (manifest === undefined) return undefined;
  if (basename(file) === MANIFEST_FILE) return folder;
  if (manifest.files[basename(file)] === undefined) return undefined;
  let from: From | undefined;
  await runSteps(t('Import Traces from {0}', basename(file)), async (ui) => {
    from = await ui.pick<From>({
      placeholder: t('The file belongs to an export of Longhand.'),
      choices: choicesFor(manifest, file),
    });
    return undefined;
  });
  if (from === undefined) throw new vscode.CancellationError();
  return from === 'export' ? folder : undefined;
}

function choicesFor({ name, counts: { chains } }: Manifest, file: string): Choice<From>[] {
  return [
    {
      icon: 'package',
      label: t('Import the whole export'),
      description: `${name} · ${counted(chains, '{0} chain', '{0} chains')}`,
      detail: t('With its rounds, problems, spans and reviews.'),
      value: 'export',
    },
    {
      icon: 'file',
      label: t('Import the rows of {0}', basename(file)),
      detail: t('As traces of any other file.'),
      value: 'rows',
    },
  ];
}
