import { join } from 'node:path';
import * as vscode from 'vscode';
import { messageOf, UserError } from '../../core/errors.ts';
import { sideFileOf } from '../../store/side-file.ts';
import { DisposableStore } from '../dispose.ts';
import { keyCache } from '../environment-key.ts';
import type { ReviewPanel } from '../review/panel.ts';
import { reviewer } from '../review/reviewer.ts';
import type { TablePanel } from '../review/table/table-panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { FileReviewSource } from './file-source.ts';

/** Milliseconds after a change of the file before it is read again: programs write in pieces. */
const SETTLE_MS = 500;

/** A file that is open in the reader, in a table or in both. It is read again when it changes. */
export interface OpenFile {
  readonly uri: vscode.Uri;
  readonly source: FileReviewSource;
  reader?: ReviewPanel | undefined;
  table?: TablePanel | undefined;
}

const files = new Map<string, Promise<OpenFile>>();
let front: OpenFile | undefined;

/** The file that is open already, or opens it. */
export function openFile(services: Services, uri: vscode.Uri): Promise<OpenFile> {
  const key = uri.toString();
  const opening = files.get(key) ?? open(services, uri);
  files.set(key, opening);
  opening.catch(() => files.delete(key));
  return opening;
}

async function open({ context, reporter }: Services, uri: vscode.Uri): Promise<OpenFile> {
  const source = await FileReviewSource.open({
    path: uri.fsPath,
    reviewer: await reviewer(),
    dist: join(context.extensionPath, 'dist'),
    kept: join(keyCache(), 'files'),
    log: (message) => reporter.log.info(message),
  });
  const file = { uri, source };
  const changes = new DisposableStore();
  changes.add(onChange(uri, () => void source.reopen()));
  const refresh = () => source.refreshReviews().catch((error: unknown) => reporter.log.warn(messageOf(error)));
  changes.add(onChange(vscode.Uri.file(sideFileOf(uri.fsPath)), () => void refresh()));
  watched.set(file, changes);
  return file;
}

const watched = new WeakMap<OpenFile, vscode.Disposable>();

/** Closes a file that is shown nowhere. */
export function closeUnused(file: OpenFile): void {
  if (file.reader !== undefined || file.table !== undefined) return;
  if (front === file) front = undefined;
  files.delete(file.uri.toString());
  watched.get(file)?.dispose();
  void file.source.close();
}

/** The file whose editor had the focus last, for commands. @throws UserError if none is open. */
export function fileInFront(): OpenFile {
  if (front !== undefined) return front;
  throw new UserError('file', t('No trace file is open.'), t('Open one with Open Trace File.'));
}

/** An editor got the focus. */
export function bringToFront(file: OpenFile): void {
  front = file;
}

/** Calls back once after changes of a file, also while a program still writes. */
function onChange(uri: vscode.Uri, changed: () => void): vscode.Disposable {
  const own = new DisposableStore();
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
  const watcher = own.add(vscode.workspace.createFileSystemWatcher(pattern));
  let timer: NodeJS.Timeout | undefined;
  const soon = (one: vscode.Uri): void => {
    if (one.toString() !== uri.toString()) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      changed();
    }, SETTLE_MS);
  };
  own.add(watcher.onDidChange(soon));
  own.add(watcher.onDidCreate(soon));
  own.add({ dispose: () => clearTimeout(timer) });
  return own;
}
