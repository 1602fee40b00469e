import type { JobFailure } from '../model/index.ts';

/** Kinds of last words of a server, the most telling first. */
const SIGNS: readonly (JobFailure & { sign: RegExp })[] = [
  {
    kind: 'port-taken',
    sign: /address already in use|EADDRINUSE|couldn't bind|bind\(\) failed|port .{0,20}(?:in use|taken)/i,
    message: 'its port was taken by another program',
    advice: 'Start it again: a free port is chosen.',
  },
  {
    kind: 'out-of-memory',
    sign: /out of memory|OutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|MemoryError|failed to allocate|cannot allocate memory|No available memory for the cache blocks|KV cache .{0,40}larger than/i,
    message: 'it had too little memory',
    advice:
      'Give it a shorter context or less of the GPU by arguments (vLLM: --max-model-len 8192 --gpu-memory-utilization 0.8; llama.cpp: --ctx-size 8192), or stop what else uses the memory.',
  },
  {
    kind: 'no-gpu',
    sign: /no CUDA|CUDA is not available|No CUDA GPUs|Failed to infer device type|no NVIDIA driver/i,
    message: 'it found no GPU that it can use',
    advice: 'Serve the model with the starter runtime, llama.cpp or transformers, or on a machine with a GPU.',
  },
  {
    kind: 'missing-package',
    sign: /ModuleNotFoundError|No module named|ImportError/,
    message: 'a package is missing',
    advice: 'Install what its last lines name into the same environment.',
  },
  {
    kind: 'bad-config',
    sign: /unrecognized arguments?|no such option|unknown argument|invalid argument|error while handling argument/i,
    message: 'it does not know one of its arguments',
    advice: 'Look at its help, and change them (--args); another version may have other names.',
  },
  {
    kind: 'bad-config',
    sign: /chat.?template/i,
    message: 'it has trouble with the chat template of the model',
    advice: 'See that the checkpoint holds the chat template that it was trained with.',
  },
  {
    kind: 'wrong-architecture',
    sign: /not supported|unsupported|unknown model architecture|does not recognize this architecture/i,
    message: 'it does not know this kind of model',
    advice: 'Update the server, or choose another one.',
  },
];

const LINES = 200;

/** Why a model server ended, as far as the end of its log tells; `message` follows “it did not start:” or “it ended:”. Undefined where it doesn't. */
export function explainServerFailure(log: string): JobFailure | undefined {
  const end = log
    .split(/[\r\n]+/)
    .slice(-LINES)
    .join('\n');
  const found = SIGNS.find(({ sign }) => sign.test(end));
  return found && { kind: found.kind, message: found.message, advice: found.advice };
}
