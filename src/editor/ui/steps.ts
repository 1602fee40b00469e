import * as vscode from 'vscode';
import { DisposableStore } from '../dispose.ts';
import { count, t } from './format.ts';
import { showInformationMessage } from './notify.ts';
import { createInputBox, createQuickPick, type PickItem } from './quick-input.ts';

export interface Choice<T> extends PickItem {
  value: T;
}

interface PickOptions<T> {
  placeholder: string;
  /** A choice or a separator. */
  choices: readonly (Choice<T> | PickItem)[];
  /** The choice that has the focus first. */
  active?: T;
}

interface InputOptions {
  prompt: string;
  value?: string;
  placeholder?: string;
  password?: boolean;
  /** The problem with the value, or undefined. */
  validate?: (value: string) => string | undefined;
}

/** One step of a wizard. Returns the next step; undefined ends the wizard. */
export type Step = (ui: StepUi) => Promise<Step | undefined>;

/** The Back button was pressed. */
class Back extends Error {}

/**
 * Runs a multi-step quick pick. Back shows the previous step, Escape cancels.
 *
 * @param total Shown as "1/total"; undefined if the number of steps depends on the answers.
 * @returns Whether it was completed.
 */
export async function runSteps(title: string, first: Step, total?: number): Promise<boolean> {
  const asked: Step[] = [];
  let step: Step | undefined = first;
  while (step !== undefined) {
    const ui: StepUi = new StepUi(title, asked.length + 1, total);
    try {
      const next: Step | undefined = await step(ui);
      // Back skips steps that asked nothing.
      if (ui.hasAsked) asked.push(step);
      step = next;
    } catch (error) {
      if (error instanceof Back) step = asked.pop();
      else if (error instanceof vscode.CancellationError) return false;
      else throw error;
    }
  }
  return true;
}

/** Inputs of a step. Each throws `Back` or `CancellationError` when the user presses Back or Escape. */
export class StepUi {
  hasAsked = false;
  readonly #title: string;
  readonly #number: number;
  readonly #total: number | undefined;

  constructor(title: string, number: number, total: number | undefined) {
    this.#title = title;
    this.#number = number;
    this.#total = total;
  }

  async pick<T>(options: PickOptions<T>): Promise<T> {
    // A choice may have the value `undefined`.
    for (const value of await this.#choose(options, false)) return value;
    throw new vscode.CancellationError();
  }

  /** Any number of choices; those with `picked` are selected first. */
  pickMany<T>(options: PickOptions<T>): Promise<T[]> {
    return this.#choose(options, true);
  }

  async input(options: InputOptions): Promise<string> {
    const box = createInputBox();
    this.#setTitle(box);
    box.prompt = options.prompt;
    box.value = options.value ?? '';
    box.placeholder = options.placeholder;
    box.password = options.password ?? false;
    return this.#ask(box, (accept, listeners) => {
      listeners.add(
        box.onDidChangeValue(() => {
          box.validationMessage = undefined;
        }),
      );
      listeners.add(
        box.onDidAccept(() => {
          box.validationMessage = options.validate?.(box.value);
          if (box.validationMessage === undefined) accept(box.value);
        }),
      );
    });
  }

  async #choose<T>(options: PickOptions<T>, many: boolean): Promise<T[]> {
    const box = createQuickPick<Choice<T> | PickItem>();
    this.#setTitle(box);
    box.placeholder = options.placeholder;
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    box.canSelectMany = many;
    box.items = options.choices;
    if (many) box.selectedItems = options.choices.filter((choice) => choice.picked);
    const { active } = options;
    const first =
      active === undefined ? undefined : options.choices.find((one) => 'value' in one && one.value === active);
    if (first !== undefined) box.activeItems = [first];
    return this.#ask(box, (accept, listeners) => {
      listeners.add(
        box.onDidAccept(() => {
          const values = box.selectedItems.flatMap((item) => ('value' in item ? [item.value] : []));
          if (many || values.length > 0) accept(values);
        }),
      );
    });
  }

  #setTitle(box: vscode.QuickPick<PickItem> | vscode.InputBox): void {
    box.title = this.#title;
    box.step = this.#total === undefined ? undefined : this.#number;
    box.totalSteps = this.#total;
    box.buttons = this.#number > 1 ? [vscode.QuickInputButtons.Back] : [];
  }

  async #ask<R>(
    box: vscode.QuickPick<PickItem> | vscode.InputBox,
    listen: (accept: (value: R) => void, listeners: DisposableStore) => void,
  ): Promise<R> {
    this.hasAsked = true;
    const listeners = new DisposableStore();
    try {
      return await new Promise<R>((resolve, reject) => {
        listen(resolve, listeners);
        listeners.add(
          box.onDidTriggerButton((button) => {
            if (button === vscode.QuickInputButtons.Back) reject(new Back());
          }),
        );
        listeners.add(box.onDidHide(() => reject(new vscode.CancellationError())));
        box.show();
      });
    } finally {
      listeners.dispose();
      box.dispose();
    }
  }
}

export const separator = (label: string): PickItem => ({
  label,
  kind: vscode.QuickPickItemKind.Separator,
});

/**
 * Shows a message with Continue, while the user reads or edits what a step opened.
 * @returns `next`; undefined, which ends the wizard, if the message is closed.
 */
export async function continueBy(message: string, next: Step): Promise<Step | undefined> {
  const title = t('Continue');
  return (await showInformationMessage(message, title)) === title ? next : undefined;
}

/** A validator for whole numbers from 1. */
const wholeNumber =
  (most: number) =>
  (text: string): string | undefined =>
    /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most
      ? undefined
      : t('Enter a whole number from 1 to {0}.', count(most));

/** Asks for a whole number from 1. */
export async function askNumber(ui: StepUi, prompt: string, most: number, value?: number): Promise<number> {
  return Number(await ui.input({ prompt, value: value?.toString() ?? '', validate: wholeNumber(most) }));
}
