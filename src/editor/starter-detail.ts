import * as vscode from 'vscode';
import { RUNTIME, STARTER_MODELS } from '../models/starter/catalogue.ts';
import { formatBytes } from './format.ts';

/** Name, size of the download and licence of the starter model, in one line. */
export function starterDetail(): string {
  const model = STARTER_MODELS[0];
  if (model === undefined) return '';
  const bytes = model.wheel.bytes + RUNTIME.megabytes * 1e6;
  return vscode.l10n.t(
    '{0} · {1} to download, runtime included · {2} · runs on the processor',
    model.name,
    formatBytes(bytes, vscode.env.language),
    model.licence,
  );
}
