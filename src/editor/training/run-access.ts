import { join } from 'node:path';
import * as vscode from 'vscode';
import { isLoopback, keyNameOf } from '../../core/models/base-url.ts';
import { keyBoundTo } from '../../models/environment-key.ts';
import { readText } from '../../store/lines/files.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import { hostedBaseURL } from '../../trainers/hosted/host.ts';
import { HOSTED_CONFIG } from '../../trainers/hosted/trainers.ts';
import { TRAINERS } from '../../trainers/index.ts';
import type { Keys } from '../models/keys.ts';
import { requireTrust } from '../registration.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { showInputBox } from '../ui/quick-input.ts';
import type { EndpointKey, EngineAccess } from '../verbs.ts';

/** The key of the service that trains, or the token of the cluster of a run. Asks for a key that is not stored. */
export async function runAccess(services: Services, run: StoredRun): Promise<EndpointKey | EngineAccess | undefined> {
  const { engine, training } = run.record;
  if (!TRAINERS.find(({ name }) => name === training?.trainer)?.hosted) return services.engineKeys.of([engine]);
  return hostedAccess(services.keys, (await readText(join(jobFolderOf(run), HOSTED_CONFIG))) ?? '');
}

/**
 * The key of the host in a configuration: the stored one, or one that the user enters. Undefined if none is needed: for a host on this
 * machine, a host whose key is in the environment, or an unreadable configuration, which the verb reports.
 * @throws {CancellationError} if the input is dismissed.
 */
export async function hostedAccess(keys: Keys, config: string): Promise<EndpointKey | undefined> {
  const baseURL = hostedBaseURL(config);
  if (baseURL === undefined) return undefined;
  requireTrust();
  const name = keyNameOf(baseURL);
  const stored = await keys.get(name);
  if (stored !== undefined) return { key: stored, name };
  if (isLoopback(new URL(baseURL).hostname) || keyBoundTo(baseURL, process.env) !== undefined) return undefined;
  const typed = await showInputBox({
    prompt: t('API key for {0}. It is stored in the secret storage and sent only there.', name),
    password: true,
    validateInput: (value) => (value.trim() === '' ? t('API key required') : undefined),
  });
  if (typed === undefined) throw new vscode.CancellationError();
  const key = typed.trim();
  await keys.set(name, key);
  return { key, name };
}
