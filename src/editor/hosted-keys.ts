import * as vscode from 'vscode';
import { isLoopback, keyNameOf } from '../core/model/base-url.ts';
import { keyBoundTo } from '../models/environment-key.ts';
import { hostedBaseURL } from '../trainers/hosted/config.ts';
import type { Keys } from './keys.ts';
import { requireTrust } from './registration.ts';
import type { EndpointKey } from './verbs.ts';

/**
 * The key of the host that a configuration names: the stored one, else the one that is asked for and then stored. Undefined where none is needed: a
 * host on this machine, one whose key the environment has, or a configuration that can't be read, of which the verb says what is wrong.
 * @throws {CancellationError} when the question is turned away.
 */
export async function hostedAccess(keys: Keys, config: string): Promise<EndpointKey | undefined> {
  const baseURL = hostedBaseURL(config);
  if (baseURL === undefined) return undefined;
  requireTrust();
  const name = keyNameOf(baseURL);
  const stored = await keys.get(name);
  if (stored !== undefined) return { key: stored, name };
  if (isLoopback(new URL(baseURL).hostname) || keyBoundTo(baseURL, process.env) !== undefined) return undefined;
  const typed = await vscode.window.showInputBox({
    prompt: vscode.l10n.t('API key for {0}, kept in the secret storage and sent there alone', name),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('A host wants a key') : undefined),
  });
  if (typed === undefined) throw new vscode.CancellationError();
  const key = typed.trim();
  await keys.set(name, key);
  return { key, name };
}
