import * as vscode from 'vscode';
import type { ModelRef } from '../../core/schemas/index.ts';

/** Where a model runs: its address, the starter model, or VS Code. */
export function modelPlace(ref: ModelRef): string {
  switch (ref.kind) {
    case 'openai':
      return ref.baseURL;
    case 'starter':
      return vscode.l10n.t('starter model');
    case 'vscode':
      return vscode.l10n.t('VS Code · {0}', ref.vendor);
  }
}
