import * as vscode from 'vscode';
import { DisposableStore } from './dispose.ts';

export interface Choice<T> extends vscode.QuickPickItem {
  value: T;
}

interface PickOptions<T> {
  placeholder: string;
  /** A choice or a separator. */
  choices: readonly (Choice<T> | vscode.QuickPickItem)[];
  /** The choice that has the focus at first. */
  active?: T;
}

interface InputOptions {
  prompt: string;
  value?: string;
  placeholder?: string;
  password?: boolean;
  /** What is wrong with the value, or undefined. */
  validate?: (value: string) => string | undefined;
}

/** One step of a wizard: asks, remembers, and gives the next step; undefined ends the wizard. */
export type Step = (ui: StepUi) => Promise<Step | undefined>;

/** The Back button was pressed: the wizard asks the step before again. */
class Back extends Error {}

/**
 * Runs a multi-step quick pick. Back goes to the step before; Escape leaves.
 *
 * @param total Shown as "1/total"; undefined where the number of steps depends on the answers.
 * @returns Whether it came to its end.
 */
export async function runSteps(title: string, first: Step, total?: number): Promise<boolean> {
  const asked: Step[] = [];
  let step: Step | undefined = first;
  while (step !== undefined) {
    const ui: StepUi = new StepUi(title, asked.length + 1, total);
    try {
      const next: Step | undefined = await step(ui);
      // A step that asked nothing is no place to come back to.
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

/** What a step may ask with. Each call throws `Back` or `CancellationError` when the user turns away. */
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
    // Not by index: `undefined` is a value that a choice may have.
    for (const value of await this.#choose(options, false)) return value;
    throw new vscode.CancellationError();
  }

  /** Any number of choices; those whose `picked` is set are ticked at first. */
  pickMany<T>(options: PickOptions<T>): Promise<T[]> {
    return this.#choose(options, true);
  }

  async input(options: InputOptions): Promise<string> {
    const box = vscode.window.createInputBox();
    this.#dress(box);
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
          const complaint = options.validate?.(box.value);
          box.validationMessage = complaint;
          if (complaint === undefined) accept(box.value);
        }),
      );
    });
  }

  async #choose<T>(options: PickOptions<T>, many: boolean): Promise<T[]> {
    const box = vscode.window.createQuickPick<Choice<T> | vscode.QuickPickItem>();
    this.#dress(box);
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

  #dress(box: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox): void {
    box.title = this.#title;
    box.step = this.#total === undefined ? undefined : this.#number;
    box.totalSteps = this.#total;
    box.buttons = this.#number > 1 ? [vscode.QuickInputButtons.Back] : [];
    // Looking something up in a file or a browser must not throw the answers away.
    box.ignoreFocusOut = true;
  }

  async #ask<R>(
    box: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
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

export const separator = (label: string): vscode.QuickPickItem => ({
  label,
  kind: vscode.QuickPickItemKind.Separator,
});
