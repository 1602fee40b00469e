import type { JobFailure, JobStatus } from '../schemas/index.ts';

interface Rule {
  kind: JobFailure['kind'];
  pattern: RegExp;
  describe: (match: RegExpExecArray) => { message: string; advice: string };
}

/** The rule with the last match in the log applies, because the last problem ended the run. */
const RULES: readonly Rule[] = [
  {
    kind: 'out-of-memory',
    pattern:
      /(?:CUDA|HIP|MPS|XPU)[^\n]{0,40}out of memory|torch(?:\.cuda)?\.OutOfMemoryError|DefaultCPUAllocator: can't allocate memory|\bMemoryError\b|std::bad_alloc|Cannot allocate memory/g,
    describe: () => ({
      message: 'Not enough memory.',
      advice:
        'Use a smaller batch size with more gradient accumulation, a smaller max length, gradient checkpointing, LoRA, or a smaller model.',
    }),
  },
  {
    kind: 'missing-package',
    pattern: /(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'/g,
    describe: ([, name = '']) => ({
      message: `The interpreter has no package ${packageOf(name)}.`,
      advice: `Install it with “pip install ${packageOf(name)}” in the environment of the trainer, or choose another interpreter.`,
    }),
  },
  {
    kind: 'missing-package',
    pattern:
      /ImportError: [^\n]{0,120}requires? (?:the )?[`'"]?([\w-]+)[`'"]?[^\n]{0,80}(?:library|pip install|installed)/g,
    describe: ([, name = '']) => ({
      message: `The interpreter has no package ${name}.`,
      advice: `Install it with “pip install ${name}” in the environment of the trainer.`,
    }),
  },
  {
    kind: 'wrong-version',
    pattern: /TypeError: (?:\w+\.)?__init__\(\) got an unexpected keyword argument '(\w+)'/g,
    describe: ([, name = '']) => ({
      message: `The installed trainer does not support the setting “${name}”.`,
      advice: 'Remove it from the configuration, or install the version of the trainer that has it.',
    }),
  },
  {
    kind: 'bad-column',
    pattern:
      /KeyError: '(messages|prompt|completion|input_ids|labels|text|loss_mask)'|Column (?:name )?['"]?([\w.]+)['"]? (?:not in the dataset|doesn't exist)|DatasetGenerationCastError/g,
    describe: ([, key, column]) => ({
      message: `The rows do not have the columns that the trainer reads${(key ?? column) ? `: ${key ?? column}` : ''}.`,
      advice: 'Choose another file of the export in the configuration, or export again.',
    }),
  },
  {
    kind: 'port-taken',
    pattern: /EADDRINUSE|Address already in use|address already in use|errno: ?98\b/g,
    describe: () => ({
      message: 'A required port is in use.',
      advice: 'Stop the process that uses it, such as an earlier run, or set MASTER_PORT to another port.',
    }),
  },
  {
    kind: 'wrong-architecture',
    pattern:
      /does not recognize this architecture|no kernel image is available for execution|GGUF model with architecture (\S+) is not supported|sm_\d+ is not compatible with the current PyTorch/g,
    describe: () => ({
      message: 'The installed packages do not support this model or this GPU.',
      advice: 'Install a newer transformers or another build of torch, or choose another model.',
    }),
  },
  {
    kind: 'model-not-found',
    pattern:
      /is not a local folder and is not a valid model identifier|Can't load (?:tokenizer|the model|the configuration)|Couldn't connect to|We couldn't connect to|Cannot find the requested files in the disk cache|LocalEntryNotFoundError|Incorrect path_or_model_id|no file named model\.safetensors/g,
    describe: () => ({
      message: 'The model could not be found or loaded.',
      advice:
        'Choose a folder with config.json, safetensors and the tokenizer, or a model on the Hugging Face hub if the network allows it.',
    }),
  },
  {
    kind: 'no-access',
    pattern: /GatedRepoError|401 Client Error|403 Client Error|Access to model [^\n]+ is restricted/g,
    describe: () => ({
      message: 'The hub denies access to the model.',
      advice: 'Request access there, and set HF_TOKEN in the environment of the editor.',
    }),
  },
  {
    kind: 'disk-full',
    pattern: /No space left on device|\[Errno 28\]|Disk quota exceeded/g,
    describe: () => ({
      message: 'The disk is full.',
      advice: 'Free disk space or keep fewer checkpoints, and resume.',
    }),
  },
  {
    kind: 'no-gpu',
    pattern:
      /Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available|Your setup doesn't support bf16\/gpu|CUDA driver version is insufficient/g,
    describe: () => ({
      message: 'A GPU is required, and none can be used.',
      advice: 'Train with --device cpu, or on an engine that has GPUs, or install a build of torch for this GPU.',
    }),
  },
  {
    kind: 'bad-config',
    pattern: /yaml\.(?:scanner|parser)\.\w+Error|LonghandConfigError: ([^\n]+)/g,
    describe: ([, what]) => ({
      message: what === undefined ? 'The configuration is not valid YAML.' : `The configuration is wrong: ${what}`,
      advice: 'Correct the configuration in the folder of the run, and resume.',
    }),
  },
  {
    kind: 'no-rows',
    pattern: /LonghandNoRows: ([^\n]+)/g,
    describe: ([, what = '']) => ({
      message: what,
      advice: 'Raise the max length, or check the loss mask of the export.',
    }),
  },
  {
    kind: 'diverged',
    pattern: /The (?:loss is|gradient is|weights are) (?:not numbers?|not a number|no numbers? any more)[^\n]*/g,
    describe: ([what]) => ({
      message: what,
      advice: 'Use a lower learning rate, and resume from an earlier checkpoint or train again.',
    }),
  },
];

/** Packages with an import name that differs from their name. */
const PACKAGES: Readonly<Record<string, string>> = { yaml: 'pyyaml', sklearn: 'scikit-learn', google: 'protobuf' };

function packageOf(name: string): string {
  const top = name.split('.')[0] ?? name;
  return Object.hasOwn(PACKAGES, top) ? (PACKAGES[top] ?? top) : top;
}

/** Exit codes of a killed process in shells and process supervisors. */
const KILLED = new Set([137, -9]);

/** torch's launcher, which has one process per GPU, reports the first one that ended. */
const KILLED_PROCESS = /Root Cause \(first observed failure\):(?:\n(?!=)[^\n]*)*Signal 9 \(SIGKILL\)/;

export type Ended = Pick<JobStatus, 'exitCode' | 'signal'>;

/** Why a job failed, from the end of its log and its status. `unknown` quotes the last line. */
export function explainFailure(log: string, { exitCode, signal }: Ended = {}): JobFailure {
  let last: { at: number; failure: JobFailure } | undefined;
  for (const { kind, pattern, describe } of RULES) {
    for (const match of log.matchAll(pattern)) {
      if (last === undefined || match.index >= last.at)
        last = { at: match.index, failure: { kind, ...describe(match) } };
    }
  }
  if (last) return last.failure;
  if (signal === 'SIGKILL' || KILLED.has(exitCode ?? 0) || KILLED_PROCESS.test(log)) {
    return {
      kind: 'killed',
      message: 'The process was killed, perhaps because the machine ran out of memory.',
      advice: 'Use a smaller batch size or max length, and resume.',
    };
  }
  const line = log
    .trim()
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim()
    .slice(0, 300);
  return {
    kind: 'unknown',
    message: line ? `Last line of the log: “${line}”.` : 'The log is empty.',
    advice: 'See its log.',
  };
}
