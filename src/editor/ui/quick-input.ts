import * as vscode from 'vscode';
import { plainRow, plainText } from './plain-text.ts';

/** A row of a quick pick. `icon` is the name of a product icon before the label. */
export interface PickItem extends vscode.QuickPickItem {
  icon?: string | undefined;
}

/**
 * As `vscode.window.showQuickPick`, but icons and links in texts are not rendered. Returns a copy of the chosen item with all its fields.
 */
export function showQuickPick<T extends PickItem>(
  items: readonly T[],
  options: { placeHolder: string; matchOnDetail?: boolean },
): Thenable<T | undefined> {
  const placeHolder = plainText(options.placeHolder);
  return vscode.window.showQuickPick(items.map(plainRow), { ...options, placeHolder, ignoreFocusOut: true });
}

/** As `vscode.window.createQuickPick`, but icons and links in texts are not rendered. Holds copies of its items. */
export function createQuickPick<T extends PickItem>(): vscode.QuickPick<T> {
  const copies = new WeakMap<T, T>();
  const copied = (items: readonly T[]): T[] =>
    items.map((item) => {
      const copy = plainRow(item);
      copies.set(item, copy);
      return copy;
    });
  const known = (items: readonly T[]): T[] => items.map((item) => copies.get(item) ?? item);
  return changing(keepOpen(vscode.window.createQuickPick<T>()), (key, value) => {
    if (key === 'items') return copied(value as readonly T[]);
    return key === 'activeItems' || key === 'selectedItems' ? known(value as readonly T[]) : plainField(key, value);
  });
}

/** As `vscode.window.createInputBox`, but links in texts are not rendered. */
export function createInputBox(): vscode.InputBox {
  return changing(keepOpen(vscode.window.createInputBox()), plainField);
}

/** As `vscode.window.showInputBox`, but links in texts are not rendered. */
export function showInputBox(options: {
  prompt: string;
  value?: string;
  password?: boolean;
  validateInput: (value: string) => string | undefined;
}): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    ...options,
    ignoreFocusOut: true,
    prompt: plainText(options.prompt),
    validateInput: (value) => {
      const message = options.validateInput(value);
      return message === undefined ? undefined : plainText(message);
    },
  });
}

/**
 * On a busy machine, VS Code may focus a page after a quick input was opened, which would close it. So quick inputs stay open without
 * the focus, and `returnFocus` gives it back.
 */
function keepOpen<B extends vscode.QuickInput>(box: B): B {
  box.ignoreFocusOut = true;
  return box;
}

/** Focuses the open quick input, if any: a page got the focus without a click. */
export async function returnFocus(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.focusQuickOpen');
}

const TEXTS: ReadonlySet<PropertyKey> = new Set(['title', 'placeholder', 'prompt', 'validationMessage']);

function plainField(key: PropertyKey, value: unknown): unknown {
  if (!TEXTS.has(key)) return value;
  if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string')
    return { ...value, message: plainText(value.message) };
  return typeof value === 'string' ? plainText(value) : value;
}

/** A proxy of the box that changes the values set on it. */
function changing<B extends object>(box: B, change: (key: PropertyKey, value: unknown) => unknown): B {
  return new Proxy(box, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, change(key, value), target),
  });
}
