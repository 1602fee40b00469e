import * as vscode from 'vscode';
import type { TrainerProgram } from '../protocol/training.ts';
import { setting } from './context.ts';
import { programOf } from './program-words.ts';
import { ActionableError } from './reporter.ts';

const SETTING = 'longhand.training.programs';
/** The variables are those of docs/trainers.md. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the trainer that fills it in.
const EXAMPLE = '{ "custom": ["python3", "my_sft.py", "--rows", "${rows}"] }';

/** With what the user wants a trainer to be started. Undefined: Longhand's own environment; for `custom`, that there is no command. */
export function trainerProgram(trainer: string): TrainerProgram | undefined {
  return programOf(setting(SETTING)[trainer], trainer);
}

/** @throws {ActionableError} where the trainer is the user's own command and the setting has none. */
export function requireCommand(trainer: string): void {
  if (trainer !== 'custom' || trainerProgram(trainer) !== undefined) return;
  throw new ActionableError(vscode.l10n.t('No command is set. Give it in the setting {0}, as {1}.', SETTING, EXAMPLE), [
    {
      title: vscode.l10n.t('Open Settings'),
      run: () => vscode.commands.executeCommand('workbench.action.openSettings', SETTING),
    },
  ]);
}
