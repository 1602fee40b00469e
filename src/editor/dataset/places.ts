import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { SETTINGS_FILE } from './find-datasets.ts';

/** Workspace folders on this disk. */
export function workspaceRoots(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

/** `parent/name`, with a number if it exists; an empty folder counts as free. */
export async function freeFolder(parent: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? name : `${name}-${number}`);
    const entries = await readdir(folder).catch(() => undefined);
    if (entries === undefined ? !(await exists(folder)) : entries.length === 0) return folder;
  }
}

export const isDataset = (folder: string): Promise<boolean> => exists(join(folder, SETTINGS_FILE));

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Asks for a folder. @throws {CancellationError} if none is chosen. */
export async function askFolder(title: string, openLabel: string): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel,
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: false,
  });
  const folder = chosen?.[0];
  if (folder === undefined) throw new vscode.CancellationError();
  await mkdir(folder.fsPath, { recursive: true });
  return folder.fsPath;
}

/**
 * Makes a new dataset the current one. If it is outside the workspace, opens it; asks first if a folder is open.
 *
 * @returns Whether it is in this workspace.
 */
export async function adopt(services: Services, folder: string): Promise<boolean> {
  const { datasets } = services;
  await datasets.find();
  const ref = datasets.all.find((one) => one.folder === folder);
  if (ref !== undefined) {
    await datasets.select(ref);
    await vscode.commands.executeCommand('longhand.datasets.focus');
    return true;
  }
  const open = t('Open Folder');
  const isFirst = workspaceRoots().length === 0;
  const answer = isFirst
    ? open
    : await showInformationMessage(t('The dataset is outside this workspace: {0}', folder), open);
  if (answer === open) {
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceReuseWindow: isFirst });
  }
  return false;
}
