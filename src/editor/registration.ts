import * as vscode from 'vscode';
import { COMMANDS, type CommandId, commandSpec } from './contributions/index.ts';
import { ActionableError, commandAction, type Reporter } from './reporter.ts';

/** What a command does; menus and other extensions pass whatever they like, so arguments are unknown until looked at. */
export type Handler = (...args: unknown[]) => unknown;

/** One handler for every command of the manifest: a missing one does not compile. */
export type Handlers = Record<CommandId, Handler>;

/** Registers all commands. A rejected handler is shown to the user; one that needs trust is refused without it. */
export function registerCommands(handlers: Handlers, reporter: Reporter): vscode.Disposable {
  return vscode.Disposable.from(
    ...COMMANDS.map(({ id }) => vscode.commands.registerCommand(id, guarded(id, handlers[id], reporter))),
  );
}

function guarded(id: CommandId, handler: Handler, reporter: Reporter): Handler {
  return async (...args) => {
    try {
      // The enablement in the manifest hides it; a keybinding of the user or another extension can still call it.
      if (commandSpec(id).trust) requireTrust();
      return await handler(...args);
    } catch (error) {
      void reporter.error(error);
      return undefined;
    }
  };
}

/** @throws {ActionableError} in a restricted workspace. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new ActionableError(vscode.l10n.t('This starts a process, and the folder is not trusted.'), [
    commandAction(vscode.l10n.t('Manage Workspace Trust'), 'workbench.trust.manage'),
  ]);
}
