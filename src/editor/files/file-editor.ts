import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { DisposableStore } from '../dispose.ts';
import { ReviewPanel, type ReviewServices } from '../review/panel.ts';
import { reviewer } from '../review/reviewer.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { chooseColumns } from './columns.ts';
import { FileReviewSource } from './file-source.ts';
import { goToRow } from './go-to-row.ts';
import { makeDataset } from './make-dataset.ts';
import { bringToFront, leaveFront, type OpenFile } from './open-file.ts';

/** Milliseconds after a change of the file before it is read again: programs write in pieces. */
const SETTLE_MS = 500;
/** In bytes, about a second of search. */
const LARGE = 500_000_000;

/** Shows a file in the reader, in the panel of its custom editor. The file is read again when it changes. */
export async function showFile(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
  if (uri.scheme !== 'file') throw new UserError('file', t('Only files on a disk can be opened.'), t('Save it first.'));
  const { context, reporter } = services;
  const place = `longhand.place:${uri.toString()}`;
  let isClosed = false;
  panel.onDidDispose(() => {
    isClosed = true;
  });
  const source = await FileReviewSource.open({
    path: uri.fsPath,
    reviewer: await reviewer(),
    dist: join(context.extensionPath, 'dist'),
    log: (message) => reporter.log.info(message),
  });
  if (isClosed) return source.close();
  let reader: ReviewPanel | undefined;
  const file: OpenFile = { uri, source, goTo: async (chainId) => reader?.goTo(chainId) };
  const own = new DisposableStore();
  own.add({ dispose: () => void source.close() });
  own.add(onChange(uri, () => source.reopen()));
  own.add(
    panel.onDidChangeViewState(() => {
      if (panel.active) bringToFront(file);
    }),
  );
  panel.onDidDispose(() => {
    leaveFront(file);
    own.dispose();
  });
  bringToFront(file);
  const { size } = await stat(uri.fsPath).catch(() => ({ size: 0 }));
  // In a large file, rows far from the start are found late, and something is shown at once.
  const before = size > LARGE ? undefined : context.workspaceState.get<string>(place);
  const shown = (chainId: string): void => void context.workspaceState.update(place, chainId);
  reader = ReviewPanel.showFile(panel, readerServices(services, file, shown), before);
}

function readerServices(services: Services, file: OpenFile, shown: (chainId: string) => void): ReviewServices {
  const { context, reporter, documents } = services;
  const { uri, source } = file;
  return {
    extension: context.extensionUri,
    dataset: uri,
    source,
    drafts: context.workspaceState,
    openJournal: async (chainId) => {
      const row = await source.rawRow(chainId);
      await documents.show(t('row {0} of {1}.json', chainId, source.facts.name), `${JSON.stringify(row, null, 2)}\n`);
    },
    tryProblem: async () => {
      throw new UserError('file', t('The prompt workbench needs a dataset.'), t('Make a dataset of the file first.'));
    },
    filter: async () => {
      throw new UserError('file', t('A query needs a dataset.'), t('Make a dataset of the file first.'));
    },
    regrade: (chainId) => source.regrade(chainId),
    labelled: () => {},
    log: (message) => reporter.log.info(message),
    file: {
      facts: () => source.facts,
      chooseColumns: () => chooseColumns(file),
      goToRow: () => goToRow(file),
      makeDataset: () => makeDataset(services, file),
      shown,
    },
  };
}

/** Calls back once after changes of a file have ended. */
function onChange(uri: vscode.Uri, changed: () => void): vscode.Disposable {
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  let timer: NodeJS.Timeout | undefined;
  const soon = (one: vscode.Uri): void => {
    if (one.toString() !== uri.toString()) return;
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  };
  return vscode.Disposable.from(watcher, watcher.onDidChange(soon), watcher.onDidCreate(soon), {
    dispose: () => clearTimeout(timer),
  });
}
