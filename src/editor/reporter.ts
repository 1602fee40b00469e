import * as vscode from 'vscode';

export interface ErrorAction {
  title: string;
  run: () => unknown;
}

/** A failure with its own ways out, offered beside the log. */
export class ActionableError extends Error {
  override readonly name = 'ActionableError';
  readonly actions: readonly ErrorAction[];

  constructor(message: string, actions: readonly ErrorAction[]) {
    super(message);
    this.actions = actions;
  }
}

/** The log channel, and the one place where errors are shown. */
export class Reporter implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel = vscode.window.createOutputChannel('Longhand', { log: true });

  /** Shows what went wrong and what to do about it. A cancel is shown to nobody. Resolves when the message is gone. */
  async error(error: unknown, ...actions: ErrorAction[]): Promise<void> {
    if (isCancel(error)) return;
    const message = error instanceof Error ? error.message : String(error);
    this.log.error(error instanceof Error ? (error.stack ?? message) : message);
    const own = error instanceof ActionableError ? error.actions : [];
    const showLog: ErrorAction = { title: vscode.l10n.t('Show Log'), run: () => this.log.show() };
    const all = [...own, ...actions, showLog];
    const advice = adviceOf(error);
    const text = advice === undefined ? message : `${message} ${advice}`;
    const chosen = await vscode.window.showErrorMessage(text, ...all.map((action) => action.title));
    await all.find((action) => action.title === chosen)?.run();
  }

  dispose(): void {
    this.log.dispose();
  }
}

/** An action that runs a command. */
export const commandAction = (title: string, command: string): ErrorAction => ({
  title,
  run: () => vscode.commands.executeCommand(command),
});

/** Cancels of a child process, of the editor, of `AbortSignal` and of a model call. */
export function isCancel(error: unknown): boolean {
  if (error instanceof vscode.CancellationError) return true;
  if (!(error instanceof Error)) return false;
  // By name, so that the classes need not be loaded to show an error.
  const cancelled = error.name === 'VerbCancelled' || error.name === 'AbortError';
  return cancelled || ('kind' in error && error.kind === 'cancelled');
}

/** What to do about a failure, where whoever failed said so. */
export function adviceOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('advice' in error)) return undefined;
  return typeof error.advice === 'string' && error.advice !== '' ? error.advice : undefined;
}
