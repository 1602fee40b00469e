import * as vscode from 'vscode';
import { viewedFile } from '../../protocol/view-address.ts';
import { FILE_VIEW } from '../contributions/index.ts';
import type { Services } from '../services.ts';
import { openTraceFile } from './open-trace-file.ts';

/** The editor of files that belong to no dataset, loaded when the first one is opened. */
export function registerFileEditor(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.window.registerCustomEditorProvider(
      FILE_VIEW,
      {
        openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
        resolveCustomEditor: async ({ uri }, panel) => {
          const { showFile } = await import('./file-editor.ts');
          await showFile(services, uri, panel).catch((error: unknown) => {
            // VS Code would only show that the editor could not be opened.
            panel.dispose();
            void services.reporter.error(error);
          });
        },
      },
      { supportsMultipleEditorsPerDocument: false },
    ),
    vscode.window.registerUriHandler({ handleUri: (uri) => openUri(services, uri) }),
  );
}

/** Opens the file that `longhand view` names. Other programs can do the same, so nothing but reading may follow. */
async function openUri({ reporter }: Services, uri: vscode.Uri): Promise<void> {
  const file = viewedFile(uri);
  if (file === undefined) return;
  try {
    await openTraceFile(vscode.Uri.file(file));
  } catch (error) {
    await reporter.error(error);
  }
}
