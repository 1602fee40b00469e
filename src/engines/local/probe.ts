import { execFile } from 'node:child_process';
import { availableParallelism, homedir, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import type { Probe } from '../engine.ts';

const NVIDIA_LIMIT_MS = 20_000;

/** What this machine has; GPUs as far as `nvidia-smi` tells them. */
export async function probeMachine(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Probe> {
  const gpus = await countGpus(env, signal);
  return {
    version: `${type()} ${release()}`,
    resources: { cpus: availableParallelism(), memory: totalmem(), gpus },
  };
}

async function countGpus(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=index,name,memory.total', '--format=csv,noheader'],
      // Windows looks for programs in the working folder first: never in a workspace.
      { env, signal, cwd: homedir(), timeout: NVIDIA_LIMIT_MS, windowsHide: true },
    );
    return stdout.split('\n').filter((line) => /^\d+,/.test(line)).length;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}
