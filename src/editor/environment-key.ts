import * as vscode from 'vscode';
import { keyNameOf, sendsKeyInClear } from '../core/models/base-url.ts';
import { setKeyHost, withheldKey } from '../models/environment-key.ts';
import { cacheFolder } from '../models/starter/cache.ts';
import { setting } from './context.ts';
import { t } from './ui/format.ts';
import { showWarningMessage } from './ui/notify.ts';

/** Longhand's cache folder, as the child processes of the editor use it. */
export const keyCache = (): string => setting('longhand.cacheFolder') || cacheFolder();

/** Whether the environment has a key that may be sent to this host once the user confirms it. */
export async function canConfirmKeyHost(baseURL: string): Promise<boolean> {
  return !process.env.LONGHAND_API_HOST && (await withheldKey(baseURL, process.env, keyCache())) !== undefined;
}

/** Remembers that the key of the environment may be sent to the host. */
export function rememberKeyHost(baseURL: string): Promise<void> {
  return setKeyHost(baseURL, true, keyCache());
}

/** Hosts that the user declined in this window. */
const declined = new Set<string>();

/**
 * Asks once per host whether `LONGHAND_API_KEY` may be sent there, since a dataset from elsewhere names the host. Does not ask without
 * such a key, or when `LONGHAND_API_HOST` is set.
 * @throws {CancellationError} when the question is dismissed.
 */
export async function confirmKeyHost(baseURL: string): Promise<void> {
  const name = keyNameOf(baseURL);
  if (declined.has(name) || !(await canConfirmKeyHost(baseURL))) return;
  const send = t('Send Key');
  const without = t('Continue Without Key');
  const chosen = await showWarningMessage(
    t('Send the key in LONGHAND_API_KEY to {0}?', name),
    { modal: true, detail: detailOf(baseURL) },
    send,
    without,
  );
  if (chosen === undefined) throw new vscode.CancellationError();
  if (chosen === send) await rememberKeyHost(baseURL);
  else declined.add(name);
}

function detailOf(baseURL: string): string {
  const parts = [
    t('The dataset names this address: {0}', baseURL),
    ...(sendsKeyInClear(baseURL) ? [t('The address is not https: others on the network can read the key.')] : []),
    t('Send the key only to a host that it belongs to. Longhand remembers the host on this machine.'),
  ];
  return parts.join('\n\n');
}
