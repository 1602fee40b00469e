import * as vscode from 'vscode';
import {
  type ContextKey,
  type ContextValues,
  SETTINGS,
  type SettingId,
  type SettingValue,
} from './contributions/index.ts';

const known = new Map<ContextKey, unknown>();

/** Sets a context key for `when` clauses, unless it has this value already. */
export function setContext<K extends ContextKey>(key: K, value: ContextValues[K]): void {
  if (known.get(key) === value) return;
  known.set(key, value);
  void vscode.commands.executeCommand('setContext', key, value);
}

/** The value of a setting; its default if settings.json has a value of another type. */
export function setting<S extends SettingId>(id: S): SettingValue<S> {
  const fallback = SETTINGS[id].default;
  const value: unknown = vscode.workspace.getConfiguration().get(id);
  return (typeof value === typeof fallback ? value : fallback) as SettingValue<S>;
}
