import * as vscode from 'vscode';
import { t } from './format.ts';

const SCHEME = 'longhand';
/** Number of pages kept, since a preview may request them again. */
const KEPT_PAGES = 12;

/** Read-only virtual documents. */
export class ReadOnlyDocuments implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? '',
    }),
    // The document of a preview counts as closed while its page is visible.
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME && !isPage(uri.path)) this.#texts.delete(uri.path);
    }),
    this.#changed,
  );

  /**
   * Opens a text in an editor, a page of Markdown rendered.
   *
   * @param name Title of the tab; its extension sets the language. A document of the same name is replaced.
   */
  async show(name: string, text: string): Promise<void> {
    const uri = this.put(name, text);
    const pages = [...this.#texts.keys()].filter(isPage);
    for (const path of pages.slice(0, -KEPT_PAGES)) this.#texts.delete(path);
    if (!isPage(uri.path) || !(await previewed(uri))) {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    }
  }

  /** Stores a text and returns its address. */
  put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name.replaceAll('/', '-')}` });
    this.#texts.delete(uri.path);
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    return uri;
  }

  dispose(): void {
    this.#registered.dispose();
  }
}

/** The last paragraph of a page next to a message with Apply: the message is hidden after some seconds. */
export const whereApplyIs = (): string =>
  t(
    'Nothing is changed yet. To change it, select *Apply* in the notification at the bottom right. Hidden notifications are under the bell.',
  );

const isPage = (path: string): boolean => path.endsWith('.md');

/** Shows the page rendered. @returns Whether that works; not if VS Code's Markdown extension is disabled. */
async function previewed(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
    return true;
  } catch {
    return false;
  }
}
