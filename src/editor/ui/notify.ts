import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { t } from './format.ts';
import { plainText } from './plain-text.ts';

/** Characters of the text under the question of a dialog. */
const LONGEST_DETAIL = 4000;

type Show = (
  text: string,
  options: vscode.MessageOptions,
  ...items: vscode.MessageItem[]
) => Thenable<vscode.MessageItem | undefined>;

/** As the function of `vscode.window`, with buttons given and returned as titles. */
interface ShowMessage {
  (text: string, ...titles: string[]): Promise<string | undefined>;
  (text: string, options: vscode.MessageOptions, ...titles: string[]): Promise<string | undefined>;
}

/**
 * Messages quote datasets, servers and logs, and VS Code renders `[text](command:…)` in a message as a link that runs the command.
 * This module shows all text as it is; a lint rule forbids the functions of `vscode.window`.
 */
const showing =
  (show: Show): ShowMessage =>
  async (text: string, ...rest: readonly (vscode.MessageOptions | string)[]) => {
    const titles = rest.filter((one) => typeof one === 'string');
    const { modal, detail } = rest.find((one) => typeof one === 'object') ?? {};
    const plainDetail = detail && plainText(detail, { limit: LONGEST_DETAIL, lines: true });
    const options: vscode.MessageOptions = defined({ modal, detail: plainDetail });
    const items = titles.map((title) => ({ title: plainText(title) }));
    const chosen = await show(plainText(text), options, ...items);
    return chosen === undefined ? undefined : titles[items.indexOf(chosen)];
  };

export const showInformationMessage = showing((...message) => vscode.window.showInformationMessage(...message));
export const showWarningMessage = showing((...message) => vscode.window.showWarningMessage(...message));
export const showErrorMessage = showing((...message) => vscode.window.showErrorMessage(...message));

/** As `vscode.window.setStatusBarMessage`, with the text as it is. `forMs` is in milliseconds. */
export function setStatusBarMessage(text: string, forMs: number): vscode.Disposable {
  return vscode.window.setStatusBarMessage(plainText(text), forMs);
}

/** As `vscode.window.withProgress`, with title and messages as they are. */
export function withProgress<R>(
  options: vscode.ProgressOptions,
  work: (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    cancel: vscode.CancellationToken,
  ) => Thenable<R>,
): Thenable<R> {
  const title = plainText(options.title ?? '');
  return vscode.window.withProgress({ ...options, title }, (progress, cancel) => {
    const report = ({ message, ...more }: { message?: string; increment?: number }): void =>
      progress.report({ ...more, ...defined({ message: message && plainText(message) }) });
    return work({ report }, cancel);
  });
}

/** An item of the status bar. `icon` is the name of a product icon; the title of the command is the tooltip. */
interface StatusBarContent {
  icon: string;
  text: string;
  command: vscode.Command;
}

/**
 * An item on the left of the status bar, updated on each event.
 * @param name Its name in the menu of the status bar.
 * @param content Undefined hides it.
 */
export function statusBarItem(
  id: string,
  name: string,
  onDidChange: vscode.Event<void>,
  content: () => StatusBarContent | undefined,
): vscode.Disposable {
  const item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left);
  item.name = name;
  const update = (): void => {
    const shown = content();
    if (shown === undefined) {
      item.hide();
      return;
    }
    const plain = plainText(shown.text);
    item.text = `$(${shown.icon}) ${plain}`;
    item.accessibilityInformation = { label: t('Longhand: {0}', plain), role: 'button' };
    item.tooltip = shown.command.title;
    item.command = shown.command;
    item.show();
  };
  return vscode.Disposable.from(item, onDidChange(update));
}
