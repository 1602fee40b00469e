import { join } from 'node:path';
import type { TrainerRequest } from './trainer.ts';

/** Words that start Longhand's own command line, by the Node of this process. @param distFolder that of `cli.mjs`. */
export function ownCommandLine(distFolder: string): string[] {
  return [process.execPath, join(distFolder, 'cli.mjs')];
}

/** The environment of a training in Python, whatever the trainer. */
export function pythonEnvironment({ resources, modelIsFolder, device }: TrainerRequest): Record<string, string> {
  return {
    PYTHONUNBUFFERED: '1',
    // Nothing is imported from the folder that the job works in.
    PYTHONSAFEPATH: '1',
    TOKENIZERS_PARALLELISM: 'false',
    OMP_NUM_THREADS: String(resources.cpus),
    ...(modelIsFolder ? { HF_HUB_OFFLINE: '1' } : {}),
    ...(device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '', OMP_WAIT_POLICY: 'PASSIVE' } : {}),
  };
}

/**
 * Words before `-m MODULE` or a script for one process on each GPU of this machine. Not `torchrun`: trainers call it by its name, and an interpreter that is
 * given by its path has its own one not on the PATH.
 */
export function processPerGpu({ gpus }: TrainerRequest['resources']): string[] {
  return gpus > 1 ? ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', String(gpus)] : [];
}

/** The last line of a log that matches. */
export function lastMatch(log: string, pattern: RegExp): RegExpExecArray | undefined {
  return [...log.matchAll(pattern)].at(-1);
}

/** A token is reckoned as 2.5 bytes where no tokenizer could be asked; one that takes each byte makes no more than this many times as many. */
const ESTIMATE_MARGIN = 4;
/** Trainers that tokenise a row in parts make some tokens more of it than of the whole text. */
const PARTS_MARGIN = 64;

/** Tokens at which the trainer is told to cut: what was asked for, else the longest row; an estimate of it must cut nothing. */
export function rowLimit({ settings, lengths }: Pick<TrainerRequest, 'settings' | 'lengths'>): number {
  return settings.maxLength ?? (lengths.exact ? lengths.maxLength + PARTS_MARGIN : ESTIMATE_MARGIN * lengths.maxLength);
}
