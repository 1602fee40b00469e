import { join } from 'node:path';
import type { TrainerRequest } from './trainer.ts';

/** Command that starts Longhand's own command line with the Node of this process. @param distFolder that of `cli.mjs` */
export function ownCommandLine(distFolder: string): string[] {
  return [process.execPath, join(distFolder, 'cli.mjs')];
}

/**
 * Settings of glibc that keep freed memory for the next step. Without them, glibc returns it to the system and asks for it again: with one thread, a step of
 * SmolLM2-135M took 10.5 s in place of 9.0 s.
 */
const KEEP_MEMORY: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 ** 3),
  MALLOC_TRIM_THRESHOLD_: String(16 * 1024 ** 3),
  MALLOC_TOP_PAD_: String(256 * 1024 ** 2),
};

/** The settings of KEEP_MEMORY where a training uses the CPU of this machine; none where the user has set one. */
function memoryEnvironment({ device, place }: TrainerRequest): Readonly<Record<string, string>> {
  const isHere = device === 'cpu' && !place.frames && process.platform === 'linux';
  return isHere && Object.keys(KEEP_MEMORY).every((name) => process.env[name] === undefined) ? KEEP_MEMORY : {};
}

/** The environment of a training in Python. */
export function pythonEnvironment(request: TrainerRequest): Record<string, string> {
  const { resources, modelIsFolder, device } = request;
  return {
    PYTHONUNBUFFERED: '1',
    // Python must not import from the job's working folder.
    PYTHONSAFEPATH: '1',
    TOKENIZERS_PARALLELISM: 'false',
    OMP_NUM_THREADS: String(resources.cpus),
    ...(modelIsFolder && { HF_HUB_OFFLINE: '1' }),
    ...(device === 'cpu' && { CUDA_VISIBLE_DEVICES: '', OMP_WAIT_POLICY: 'PASSIVE' }),
    ...memoryEnvironment(request),
  };
}

/**
 * Arguments before `-m MODULE` or a script for one process on each GPU of this machine. Not `torchrun`, which is searched on the PATH, where an
 * interpreter given by path does not have it.
 */
export function processPerGpu({ gpus }: TrainerRequest['resources']): string[] {
  return gpus > 1 ? ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', String(gpus)] : [];
}

/** The last line of a log that matches. */
export function lastMatch(log: string, pattern: RegExp): RegExpExecArray | undefined {
  return [...log.matchAll(pattern)].at(-1);
}

/** Factor for estimates of 2.5 bytes per token; a byte-level tokenizer gives at most this many times as many. */
const ESTIMATE_MARGIN = 4;
/** Trainers that tokenise a row in parts get some more tokens. */
const PARTS_MARGIN = 64;

/** The trainer's length limit: the setting, else the longest row, with room when it is estimated. */
export function rowLimit({
  settings,
  lengths,
  validation,
}: Pick<TrainerRequest, 'settings' | 'lengths' | 'validation'>): number {
  const trained = lengths.exact ? lengths.maxLength + PARTS_MARGIN : ESTIMATE_MARGIN * lengths.maxLength;
  return settings.maxLength ?? Math.max(trained, ESTIMATE_MARGIN * (validation?.longest ?? 0));
}

/** What configurations of `transformers` have in common about logs, checkpoints and steps. */
export const STEP_ARGUMENTS = `logging_steps: 1
# With true, a loss that is not a number is logged as 0.
logging_nan_inf_filter: false
save_strategy: \${saveStrategy}
save_steps: \${saveSteps}
save_total_limit: 3
# When the loss on the rows for validation is computed: no, epoch or steps.
eval_strategy: \${validation.strategy:json}
per_device_eval_batch_size: \${batchSize}
per_device_train_batch_size: \${batchSize}
gradient_accumulation_steps: \${accumulate}
learning_rate: \${learningRate}
lr_scheduler_type: cosine
warmup_ratio: \${warmup}
num_train_epochs: \${epochs}
max_steps: \${maxSteps}
`;
