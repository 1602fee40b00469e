import * as vscode from 'vscode';

const SCHEME = 'longhand';
/** Pages that a preview may ask for again, the newest ones. */
const KEPT_PAGES = 12;

/** Texts that are shown and not kept: closing one never asks whether to save it. */
export class ReadOnlyDocuments implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? '',
    }),
    // The document of a preview counts as closed although its page is on the screen.
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME && !isPage(uri.path)) this.#texts.delete(uri.path);
    }),
    this.#changed,
  );

  /**
   * Opens a text in an editor, a page of Markdown rendered.
   *
   * @param name Shown on the tab; its ending decides the language. A document of the same name is replaced.
   */
  async show(name: string, text: string): Promise<void> {
    const uri = this.put(name, text);
    const pages = [...this.#texts.keys()].filter(isPage);
    for (const path of pages.slice(0, -KEPT_PAGES)) this.#texts.delete(path);
    if (!isPage(uri.path) || !(await previewed(uri))) {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    }
  }

  /** Keeps a text under a name, to be opened by its address. */
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

/** The last paragraph of a page that a message with Apply stands beside: a message goes away by itself after some seconds. */
export const whereApplyIs = (): string =>
  vscode.l10n.t(
    'Nothing is changed yet: *Apply* is in the message at the bottom right, and later under the bell there.',
  );

const isPage = (path: string): boolean => path.endsWith('.md');

/** Whether the page is shown rendered; not where VS Code's own Markdown is switched off. */
async function previewed(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
    return true;
  } catch {
    return false;
  }
}
