import { join } from 'node:path';
import { hostOf, type ModelRef } from '../core/model/index.ts';
import { ModelClient, type Place } from './client.ts';
import { keyFromEnvironment } from './environment-key.ts';
import { ModelError } from './errors.ts';
import type { InstallProgress } from './starter/install.ts';

export interface ConnectOptions {
  idleTimeoutMs: number;
  /** Folder of the bundles; `starter.mjs` is there. */
  distFolder: string;
  cache?: string | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Replies that one request may ask for, where that is known. */
  mostChoices?: number | undefined;
}

type VSCodeModel = Extract<ModelRef, { kind: 'vscode' }>;

/** A bridge answers at once, or its window is gone. */
const BRIDGE_ANSWERS_MS = 10_000;

/**
 * A client for a model, with the key that the environment holds for it (see keyFromEnvironment). The starter model is installed and
 * started first when it must be, and again when it ends in between; a model of VS Code is reached by the bridge of its window.
 * @throws StarterError; ModelError `closed` where no window lends its model.
 */
export async function connect(ref: ModelRef, options: ConnectOptions): Promise<ModelClient> {
  const { idleTimeoutMs, cache, onProgress, signal, mostChoices } = options;
  const host = hostOf(ref);
  if (ref.kind === 'openai') {
    return new ModelClient({
      baseURL: ref.baseURL,
      apiKey: keyFromEnvironment(ref.baseURL),
      idleTimeoutMs,
      host,
      mostChoices,
    });
  }
  const serverScript = join(options.distFolder, 'starter.mjs');
  const find = async (stop?: AbortSignal): Promise<Place> => {
    if (ref.kind === 'vscode') return placeInWindow(ref, stop);
    const { ensureStarter } = await import('./starter/lifecycle.ts');
    const { baseURL, token } = await ensureStarter({ model: ref.model, serverScript, cache, onProgress, signal: stop });
    return { baseURL, apiKey: token };
  };
  const most = ref.kind === 'vscode' ? 1 : mostChoices;
  return new ModelClient({ ...(await find(signal)), idleTimeoutMs, host, relocate: find, mostChoices: most });
}

/** The bridge that the environment names; see ModelAccess (editor/verbs.ts). */
async function placeInWindow(ref: VSCodeModel, signal: AbortSignal | undefined): Promise<Place> {
  const { LONGHAND_VSCODE_URL: url, LONGHAND_VSCODE_TOKEN: apiKey } = process.env;
  if (url && apiKey) {
    const baseURL = `${url}/${encodeURIComponent(ref.vendor)}/v1`;
    const place = new ModelClient({ baseURL, apiKey, idleTimeoutMs: BRIDGE_ANSWERS_MS, host: hostOf(ref) });
    // Whatever else it says, it is there.
    const isThere = await place.listModels(signal).then(
      () => true,
      (error: unknown) => !(error instanceof ModelError && error.kind === 'connection'),
    );
    if (isThere) return { baseURL, apiKey };
  }
  throw new ModelError('closed', `${ref.model} is a model of VS Code, and the window that lends it is not open.`, {
    advice: 'Open the dataset in VS Code and run Longhand: Resume Round; calls in the journal are not paid again.',
  });
}
