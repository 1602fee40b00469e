import * as vscode from 'vscode';
import { COMMANDS, type CommandId, commandSpec } from './contributions/index.ts';
import { ActionableError, commandAction, type Reporter } from './reporter.ts';
import { t } from './ui/format.ts';

/** The handler of a command. Other extensions can pass any arguments. */
export type Handler = (...args: unknown[]) => unknown;

/** One handler for each command of the manifest. */
export type Handlers = Record<CommandId, Handler>;

/**
 * Registers all commands. Errors of handlers are shown; commands that require trust fail without it.
 * @param check Rejects an argument that no command takes.
 */
export function registerCommands(
  handlers: Handlers,
  reporter: Reporter,
  check: (argument: unknown) => Promise<void>,
): vscode.Disposable {
  const guarded = (id: CommandId): Handler => {
    return async (...args) => {
      try {
        // The enablement in the manifest hides the command, but keybindings and other extensions can still call it.
        if (commandSpec(id).trust) requireTrust();
        await check(args[0]);
        return await handlers[id](...args);
      } catch (error) {
        void reporter.error(error);
        return undefined;
      }
    };
  };
  return vscode.Disposable.from(...COMMANDS.map(({ id }) => vscode.commands.registerCommand(id, guarded(id))));
}

/** @throws {ActionableError} in a restricted workspace. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new ActionableError(t('This starts a process, which requires a trusted folder.'), [
    commandAction(t('Manage Workspace Trust'), 'workbench.trust.manage'),
  ]);
}
