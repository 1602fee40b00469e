import { join } from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { FromDifficultyPage, type ToDifficultyPage } from '../../protocol/difficulty-page.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { webviewHtml, webviewRoot } from '../review/html.ts';
import type { Services } from '../services.ts';

/** Show Difficulty: pass rates of the problems, what each round changed, and both as files. */
export async function showDifficulty(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const title = vscode.l10n.t('Reading the rounds of {0}', ref.name);
  let report = await services.verbs.run('difficulty', { dataset: ref.folder }, { title });
  const name = vscode.l10n.t('Difficulty of {0}', ref.name);
  const { extensionUri } = services.context;
  const panel = vscode.window.createWebviewPanel('longhand.difficulty', name, vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [webviewRoot(extensionUri)],
  });
  const send = (): void => {
    const snapshot: ToDifficultyPage = { type: 'snapshot', dataset: ref.name, report };
    void panel.webview.postMessage(snapshot);
  };
  const receive = async (message: unknown): Promise<void> => {
    const { data, error } = FromDifficultyPage.safeParse(message);
    if (data === undefined || data.type === 'failed') {
      services.reporter.log.info(`The page of difficulty: ${data?.message ?? z.prettifyError(error as z.ZodError)}`);
    } else if (data.type === 'save') {
      await save(services, ref, data.what);
    } else {
      if (data.type === 'refresh') report = await services.verbs.run('difficulty', { dataset: ref.folder });
      send();
    }
  };
  const subscriptions = vscode.Disposable.from(
    panel.webview.onDidReceiveMessage((message: unknown) => {
      receive(message).catch((error: unknown) => services.reporter.error(error));
    }),
    panel.onDidChangeViewState(() => {
      if (panel.visible) send();
    }),
  );
  panel.onDidDispose(() => subscriptions.dispose());
  panel.webview.html = webviewHtml(panel.webview, extensionUri, 'difficulty', name);
}

const FILES = { svg: 'difficulty.svg', csv: 'difficulty.csv', roundsCsv: 'difficulty-rounds.csv' } as const;

async function save({ verbs }: Services, ref: DatasetRef, what: keyof typeof FILES): Promise<void> {
  const defaultUri = vscode.Uri.file(join(ref.folder, FILES[what]));
  const filters = what === 'svg' ? { SVG: ['svg'] } : { CSV: ['csv'] };
  const file = await vscode.window.showSaveDialog({ defaultUri, filters });
  if (file === undefined) return;
  await verbs.run('difficulty', { dataset: ref.folder, [what]: file.fsPath });
  const open = vscode.l10n.t('Open');
  const said = vscode.l10n.t('Saved {0}.', vscode.workspace.asRelativePath(file));
  if ((await vscode.window.showInformationMessage(said, open)) === open) {
    await vscode.commands.executeCommand('vscode.open', file);
  }
}
