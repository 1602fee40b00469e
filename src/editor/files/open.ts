import * as vscode from 'vscode';
import { FILE_EXTENSIONS } from '../contributions/index.ts';
import { hubEntry, hubStep } from '../dataset/hub-choice.ts';
import { askFolder, workspaceRoots } from '../dataset/places.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import { openTraceFile } from './open-trace-file.ts';

/** Open Trace File…: opens a file, or a copy of a set on the hub, in the reader. @param argument A `Uri` from the explorer, or nothing. */
export async function openTraces(services: Services, argument: unknown): Promise<void> {
  if (argument instanceof vscode.Uri) return openTraceFile(argument);
  const title = t('Open Trace File');
  let set: string | undefined;
  const ask: Step = async (ui) => {
    const from = await ui.pick<'file' | 'hub'>({
      placeholder: t('Where are the traces?'),
      choices: [
        { icon: 'folder-opened', label: t('A file…'), description: FILE_EXTENSIONS.join(', '), value: 'file' },
        hubEntry<'file' | 'hub'>('hub'),
      ],
    });
    set = undefined;
    return from === 'file' ? undefined : hubStep(take);
  };
  const take = (name: string): undefined => {
    set = name;
  };
  if (!(await runSteps(title, ask))) return;
  const uri = set === undefined ? await askFile(title) : await copyOfSet(services, title, set);
  if (uri !== undefined) await openTraceFile(uri);
}

async function askFile(title: string): Promise<vscode.Uri | undefined> {
  const filters = { [t('Rows')]: [...FILE_EXTENSIONS], [t('All files')]: ['*'] };
  return (await vscode.window.showOpenDialog({ title, filters }))?.[0];
}

/** Copies a set into the workspace, or into a folder that the user chooses. */
async function copyOfSet({ verbs }: Services, title: string, file: string): Promise<vscode.Uri> {
  const into = workspaceRoots()[0] ?? (await askFolder(title, t('Copy Here')));
  const copy = await verbs.run('view', { file, into, noEditor: true }, { title: t('Fetching {0}', file) });
  return vscode.Uri.file(copy.file);
}
