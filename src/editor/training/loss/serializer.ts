import type * as vscode from 'vscode';
import type { Services } from '../../services.ts';

/** Restores pages of Show Loss. Their module is loaded on demand. */
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
