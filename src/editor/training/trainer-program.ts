import * as vscode from 'vscode';
import type { TrainerProgram } from '../../protocol/training.ts';
import { setting } from '../context.ts';
import { ActionableError } from '../reporter.ts';
import { t } from '../ui/format.ts';

const SETTING = 'longhand.training.programs';
/** The variables are those of docs/reference/trainers.md. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the trainer fills it in.
const EXAMPLE = '{ "custom": ["python3", "my_sft.py", "--rows", "${rows}"] }';

/** The program set for a trainer. Undefined: Longhand's own environment; for `custom`, no command is set. */
export function trainerProgram(trainer: string): TrainerProgram | undefined {
  return programOf(setting(SETTING)[trainer], trainer);
}

/** @throws {ActionableError} if the trainer is `custom` and the setting has no command. */
export function requireCommand(trainer: string): void {
  if (trainer !== 'custom' || trainerProgram(trainer) !== undefined) return;
  throw new ActionableError(t('No command is set. Add it to the setting {0}, for example {1}.', SETTING, EXAMPLE), [
    {
      title: t('Open Settings'),
      run: () => vscode.commands.executeCommand('workbench.action.openSettings', SETTING),
    },
  ]);
}

/**
 * The program in the setting of a trainer; undefined for anything but a list of strings. For `custom`, the list is the whole command.
 * Otherwise it starts Python, and the last entry is the interpreter.
 */
export function programOf(value: unknown, trainer: string): TrainerProgram | undefined {
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string' && word !== '')) return undefined;
  const command: string[] = value;
  const python = command.at(-1);
  if (python === undefined) return undefined;
  if (trainer === 'custom') return { command };
  return command.length === 1 ? { python } : { python, prefix: command.slice(0, -1) };
}
