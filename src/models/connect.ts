import { join } from 'node:path';
import { hostOf, type ModelRef } from '../core/model/index.ts';
import { ModelClient, type Place } from './client.ts';
import { keyFromEnvironment } from './environment-key.ts';
import type { InstallProgress } from './starter/install.ts';
import { ensureStarter } from './starter/lifecycle.ts';

export interface ConnectOptions {
  idleTimeoutMs: number;
  /** Folder of the bundles; `starter.mjs` is there. */
  distFolder: string;
  cache?: string | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * A client for a model, with the key that the environment holds for it (see keyFromEnvironment); the starter model is installed and started first when it must be, and again when it ends in between.
 * @throws StarterError
 */
export async function connect(ref: ModelRef, options: ConnectOptions): Promise<ModelClient> {
  const { idleTimeoutMs, cache, onProgress, signal } = options;
  const host = hostOf(ref);
  if (ref.kind === 'openai') {
    return new ModelClient({
      baseURL: ref.baseURL,
      apiKey: keyFromEnvironment(ref.baseURL),
      idleTimeoutMs,
      host,
    });
  }
  const serverScript = join(options.distFolder, 'starter.mjs');
  const find = async (stop?: AbortSignal): Promise<Place> => {
    const { baseURL, token } = await ensureStarter({ model: ref.model, serverScript, cache, onProgress, signal: stop });
    return { baseURL, apiKey: token };
  };
  return new ModelClient({ ...(await find(signal)), idleTimeoutMs, host, relocate: find });
}
