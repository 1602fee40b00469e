import { join } from 'node:path';
import type { InstallProgress } from '../models/starter/install.ts';
import { installStarterRuntime } from '../models/starter/install.ts';
import { defaultThreads } from '../models/starter/lifecycle.ts';

export interface StarterProgram {
  program: string[];
  more: string[];
  env: Record<string, string>;
}

/**
 * Longhand's own server as a program: the Node that runs this, also when it is the one inside an editor.
 * @param runtime folder of the installed runtime.
 */
export function starterProgram(distFolder: string, runtime: string): StarterProgram {
  return {
    program: [process.execPath, join(distFolder, 'starter.mjs')],
    more: ['--runtime', runtime, '--threads', String(defaultThreads()), '--context', '4096'],
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}

/** Installs the runtime where it is not there yet. @throws StarterError */
export function starterRuntime(
  cache: string,
  signal: AbortSignal,
  onProgress: (progress: InstallProgress) => void,
): Promise<string> {
  return installStarterRuntime({ cache, signal, onProgress });
}
