import { join } from 'node:path';
import { hostOf, type ModelRef } from '../core/schemas/index.ts';
import { ModelClient, type Place } from './client.ts';
import { keyFromEnvironment, withheldKey } from './environment-key.ts';
import { ModelError } from './errors.ts';
import type { InstallProgress } from './starter/install.ts';

export interface ConnectOptions {
  idleTimeoutMs: number;
  /** Folder of the bundles; `starter.mjs` is there. */
  distFolder: string;
  /** Most bytes of one reply. */
  maxReplyBytes?: number | undefined;
  cache?: string | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Most replies per request, if known. */
  mostChoices?: number | undefined;
}

type VSCodeModel = Extract<ModelRef, { kind: 'vscode' }>;

/** A bridge that takes longer belongs to a closed window. */
const BRIDGE_ANSWERS_MS = 10_000;

/**
 * A client for a model, with its key from the environment (see keyFromEnvironment). The starter model is installed and started if necessary,
 * and restarted when it ends. A VS Code model is reached by the bridge of its window.
 * @throws UserError; ModelError `closed` when no window provides the model.
 */
export async function connect(ref: ModelRef, options: ConnectOptions): Promise<ModelClient> {
  const { idleTimeoutMs, maxReplyBytes, cache, onProgress, signal, mostChoices } = options;
  const host = hostOf(ref);
  if (ref.kind === 'openai') {
    const { baseURL } = ref;
    const [apiKey, withheld] = await Promise.all([
      keyFromEnvironment(baseURL, process.env, cache),
      withheldKey(baseURL, process.env, cache),
    ]);
    return new ModelClient({ baseURL, apiKey, withheld, idleTimeoutMs, maxReplyBytes, host, mostChoices });
  }
  const serverScript = join(options.distFolder, 'starter.mjs');
  const find = async (stop?: AbortSignal): Promise<Place> => {
    if (ref.kind === 'vscode') return placeInWindow(ref, stop);
    const { ensureStarter } = await import('./starter/lifecycle.ts');
    const { baseURL, token } = await ensureStarter({ model: ref.model, serverScript, cache, onProgress, signal: stop });
    return { baseURL, apiKey: token };
  };
  const most = ref.kind === 'vscode' ? 1 : mostChoices;
  const place = await find(signal);
  return new ModelClient({ ...place, idleTimeoutMs, maxReplyBytes, host, relocate: find, mostChoices: most });
}

/** The bridge from the environment; see ModelAccess. */
async function placeInWindow(ref: VSCodeModel, signal: AbortSignal | undefined): Promise<Place> {
  const { LONGHAND_VSCODE_URL: url, LONGHAND_VSCODE_TOKEN: apiKey } = process.env;
  if (url && apiKey) {
    const baseURL = `${url}/${encodeURIComponent(ref.vendor)}/v1`;
    const place = new ModelClient({ baseURL, apiKey, idleTimeoutMs: BRIDGE_ANSWERS_MS, host: hostOf(ref) });
    // Any answer shows that the bridge exists.
    const answers = await place.listModels(signal).then(
      () => true,
      (error: unknown) => !(error instanceof ModelError && error.kind === 'connection'),
    );
    if (answers) return { baseURL, apiKey };
  }
  throw new ModelError('closed', `${ref.model} is a model of VS Code, and the window that lends it is not open.`, {
    advice: 'Open the dataset in VS Code and run Longhand: Resume…; calls in the journal are not paid again.',
  });
}
