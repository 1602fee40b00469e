import type { JobFailure, JobStatus } from '../model/index.ts';

interface Rule {
  kind: JobFailure['kind'];
  pattern: RegExp;
  say: (match: RegExpExecArray) => { message: string; advice: string };
}

/** Every rule is asked, and the one whose words stand last in the log wins: what went wrong at the end ended it. */
const RULES: readonly Rule[] = [
  {
    kind: 'out-of-memory',
    pattern:
      /(?:CUDA|HIP|MPS|XPU)[^\n]{0,40}out of memory|torch(?:\.cuda)?\.OutOfMemoryError|DefaultCPUAllocator: can't allocate memory|\bMemoryError\b|std::bad_alloc|Cannot allocate memory/g,
    say: () => ({
      message: 'There was not enough memory.',
      advice:
        'Take a smaller batch and more accumulation, a smaller maximum length, gradient checkpointing, LoRA, or a smaller model.',
    }),
  },
  {
    kind: 'missing-package',
    pattern: /(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'/g,
    say: ([, name = '']) => ({
      message: `The interpreter has no package ${packageOf(name)}.`,
      advice: `Install it with “pip install ${packageOf(name)}” in the environment of the trainer, or choose another interpreter.`,
    }),
  },
  {
    kind: 'missing-package',
    pattern:
      /ImportError: [^\n]{0,120}requires? (?:the )?[`'"]?([\w-]+)[`'"]?[^\n]{0,80}(?:library|pip install|installed)/g,
    say: ([, name = '']) => ({
      message: `The interpreter has no package ${name}.`,
      advice: `Install it with “pip install ${name}” in the environment of the trainer.`,
    }),
  },
  {
    kind: 'wrong-version',
    pattern: /TypeError: (?:\w+\.)?__init__\(\) got an unexpected keyword argument '(\w+)'/g,
    say: ([, name = '']) => ({
      message: `The installed trainer does not know the setting “${name}”.`,
      advice: 'Take it out of the configuration, or install the version of the trainer that has it.',
    }),
  },
  {
    kind: 'bad-column',
    pattern:
      /KeyError: '(messages|prompt|completion|input_ids|labels|text|loss_mask)'|Column (?:name )?['"]?([\w.]+)['"]? (?:not in the dataset|doesn't exist)|DatasetGenerationCastError/g,
    say: ([, key, column]) => ({
      message: `The rows do not have the columns that the trainer reads${(key ?? column) ? `: ${key ?? column}` : ''}.`,
      advice: 'Name another file of the export in the configuration, or export again.',
    }),
  },
  {
    kind: 'port-taken',
    pattern: /EADDRINUSE|Address already in use|address already in use|errno: ?98\b/g,
    say: () => ({
      message: 'A port that it needs is taken.',
      advice: 'Stop what holds it, perhaps an earlier run, or set MASTER_PORT to another one.',
    }),
  },
  {
    kind: 'wrong-architecture',
    pattern:
      /does not recognize this architecture|no kernel image is available for execution|GGUF model with architecture (\S+) is not supported|sm_\d+ is not compatible with the current PyTorch/g,
    say: () => ({
      message: 'The installed packages can’t run this model, or not on this GPU.',
      advice: 'Install a newer transformers or another build of torch, or take another model.',
    }),
  },
  {
    kind: 'model-not-found',
    pattern:
      /is not a local folder and is not a valid model identifier|Can't load (?:tokenizer|the model|the configuration)|Couldn't connect to|We couldn't connect to|Cannot find the requested files in the disk cache|LocalEntryNotFoundError|Incorrect path_or_model_id|no file named model\.safetensors/g,
    say: () => ({
      message: 'The model could not be found or loaded.',
      advice:
        'Name a folder that holds config.json, safetensors and the tokenizer, or a name of the hub where the network allows.',
    }),
  },
  {
    kind: 'no-access',
    pattern: /GatedRepoError|401 Client Error|403 Client Error|Access to model [^\n]+ is restricted/g,
    say: () => ({
      message: 'The hub does not let this machine have the model.',
      advice: 'Ask for access there and set HF_TOKEN in the environment of the editor.',
    }),
  },
  {
    kind: 'disk-full',
    pattern: /No space left on device|\[Errno 28\]|Disk quota exceeded/g,
    say: () => ({ message: 'The disk is full.', advice: 'Make room, or keep fewer checkpoints, and resume.' }),
  },
  {
    kind: 'no-gpu',
    pattern:
      /Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available|Your setup doesn't support bf16\/gpu|CUDA driver version is insufficient/g,
    say: () => ({
      message: 'It wants a GPU and there is none that it can use.',
      advice: 'Train with --device cpu, or on an engine that has GPUs, or install a build of torch for this GPU.',
    }),
  },
  {
    kind: 'bad-config',
    pattern: /yaml\.(?:scanner|parser)\.\w+Error|LonghandConfigError: ([^\n]+)/g,
    say: ([, what]) => ({
      message: what === undefined ? 'The configuration is not valid YAML.' : `The configuration is wrong: ${what}`,
      advice: 'Mend the configuration in the job’s folder, and resume.',
    }),
  },
  {
    kind: 'no-rows',
    pattern: /LonghandNoRows: ([^\n]+)/g,
    say: ([, what = '']) => ({ message: what, advice: 'Raise the maximum length, or look at the mask of the export.' }),
  },
  {
    kind: 'diverged',
    pattern: /The (?:loss is|gradient is|weights are) no numbers? any more[^\n]*/g,
    say: ([what]) => ({
      message: what,
      advice: 'Take a lower learning rate, and resume from a checkpoint before it or train anew.',
    }),
  },
];

/** Names that are imported otherwise than they are installed. */
const PACKAGES: Readonly<Record<string, string>> = { yaml: 'pyyaml', sklearn: 'scikit-learn', google: 'protobuf' };

function packageOf(name: string): string {
  const top = name.split('.')[0] ?? name;
  return Object.hasOwn(PACKAGES, top) ? (PACKAGES[top] ?? top) : top;
}

/** Exit codes of a process that was killed, as shells and programs that watched over it tell them. */
const KILLED = new Set([137, -9]);

/** As torch's launcher tells of the first process that ended, where there is one for each GPU. */
const KILLED_PROCESS = /Root Cause \(first observed failure\):(?:\n(?!=)[^\n]*)*Signal 9 \(SIGKILL\)/;

/** How a job ended, as its engine tells. */
export type Ended = Pick<JobStatus, 'exitCode' | 'signal'>;

/**
 * Why a job failed, as far as the end of its log and its engine tell. `unknown` quotes its last line.
 */
export function explainFailure(log: string, { exitCode, signal }: Ended = {}): JobFailure {
  let last: { at: number; failure: JobFailure } | undefined;
  for (const { kind, pattern, say } of RULES) {
    for (const match of log.matchAll(pattern)) {
      if (last === undefined || match.index >= last.at) last = { at: match.index, failure: { kind, ...say(match) } };
    }
  }
  if (last) return last.failure;
  if (signal === 'SIGKILL' || KILLED.has(exitCode ?? 0) || KILLED_PROCESS.test(log)) {
    return {
      kind: 'killed',
      message: 'It was killed, perhaps because the machine ran out of memory.',
      advice: 'Take a smaller batch or maximum length, and resume.',
    };
  }
  const words = log
    .trim()
    .split(/[\r\n]+/)
    .at(-1)
    ?.trim()
    .slice(0, 300);
  return {
    kind: 'unknown',
    message: words ? `Its last words: “${words}”.` : 'It said nothing.',
    advice: 'Look into its log.',
  };
}
