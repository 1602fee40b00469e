import * as vscode from 'vscode';
import { RUNTIME, STARTER_MODELS } from '../models/starter/catalogue.ts';
import { formatBytes } from './format.ts';

/** Name, licence and, where it is not installed, size of the download of the starter model, in one line. */
export function starterDetail(isInstalled: boolean): string {
  const model = STARTER_MODELS[0];
  if (model === undefined) return '';
  if (isInstalled) return vscode.l10n.t('{0} · {1} · runs on the processor', model.name, model.licence);
  const bytes = model.wheel.bytes + RUNTIME.megabytes * 1e6;
  return vscode.l10n.t(
    '{0} · {1} · runs on the processor · {2} to download, runtime included',
    model.name,
    model.licence,
    formatBytes(bytes, vscode.env.language),
  );
}
