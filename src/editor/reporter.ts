import * as vscode from 'vscode';
import { messageWithAdvice, UserError } from '../core/errors.ts';
import { t } from './ui/format.ts';
import { showErrorMessage } from './ui/notify.ts';

export interface ErrorAction {
  title: string;
  run: () => unknown;
}

/** Shows messages with actions as buttons, and runs the one that is chosen. */
export const offering =
  (show: typeof showErrorMessage) =>
  async (text: string, actions: readonly ErrorAction[]): Promise<void> => {
    const chosen = await show(text, ...actions.map(({ title }) => title));
    await actions.find(({ title }) => title === chosen)?.run();
  };

/** An error with its own buttons, shown beside Show Log. */
export class ActionableError extends UserError {
  readonly actions: readonly ErrorAction[];

  constructor(message: string, actions: readonly ErrorAction[]) {
    super('actionable', message, '');
    this.actions = actions;
  }
}

/** The log channel. All errors are shown through it. */
export class Reporter implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel = vscode.window.createOutputChannel('Longhand', { log: true });

  /** Shows an error with its advice, unless it is a cancel. Resolves when the message is closed. */
  async error(error: unknown, ...actions: ErrorAction[]): Promise<void> {
    if (isCancel(error)) return;
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const own = error instanceof ActionableError ? error.actions : [];
    const showLog: ErrorAction = { title: t('Show Log'), run: () => this.log.show() };
    await offering(showErrorMessage)(messageWithAdvice(error), [...own, ...actions, showLog]);
  }

  dispose(): void {
    this.log.dispose();
  }
}

/** The error of a step that needs chains, with the commands that make some. */
export const noChains = (message: string): ActionableError =>
  new ActionableError(message, [
    commandAction(t('Generate Chains…'), 'longhand.generateChains'),
    commandAction(t('Import Traces…'), 'longhand.importTraces'),
  ]);

/** The error of a step that needs a model. */
export const noModel = (): ActionableError =>
  new ActionableError(t('The dataset has no model yet.'), [
    commandAction(t('Manage Models…'), 'longhand.manageModels'),
  ]);

export const commandAction = (title: string, command: string, ...args: unknown[]): ErrorAction => ({
  title,
  run: () => vscode.commands.executeCommand(command, ...args),
});

/** Cancels of a child process, of the editor, of `AbortSignal` and of a model call. */
export function isCancel(error: unknown): boolean {
  if (error instanceof vscode.CancellationError) return true;
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('kind' in error && error.kind === 'cancelled');
}

/** The result of `work`, or undefined after a cancel. */
export async function unlessCancelled<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCancel(error)) return undefined;
    throw error;
  }
}
