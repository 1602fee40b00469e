import type * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** Fills pages of the loss that a closed window left open; what they are made of is loaded only then. */
export function lossSerializer(services: Services): vscode.WebviewPanelSerializer {
  return {
    async deserializeWebviewPanel(panel, state) {
      try {
        await (await import('./index.ts')).reviveLoss(services, panel, state);
      } catch (error) {
        panel.dispose();
        void services.reporter.error(error);
      }
    },
  };
}
