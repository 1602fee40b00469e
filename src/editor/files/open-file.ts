import type * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { t } from '../ui/format.ts';
import type { FileReviewSource } from './file-source.ts';

/** A file that is open in the reader. */
export interface OpenFile {
  readonly uri: vscode.Uri;
  readonly source: FileReviewSource;
  /** Shows a chain in the reader. */
  goTo(chainId: string): Promise<void>;
}

let front: OpenFile | undefined;

/** The file whose editor had the focus last, for commands. @throws UserError if none is open. */
export function fileInFront(): OpenFile {
  if (front !== undefined) return front;
  throw new UserError('file', t('No trace file is open.'), t('Open one with Open Trace File.'));
}

/** An editor got the focus. */
export function bringToFront(file: OpenFile): void {
  front = file;
}

/** The editor of a file was closed. */
export function leaveFront(file: OpenFile): void {
  if (front === file) front = undefined;
}
