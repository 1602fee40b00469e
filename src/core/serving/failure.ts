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
    sign: /out of memory|OutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|MemoryError|failed to allocate|cannot allocate memory|No available memory for the cache blocks|KV cache .{0,40}larger than|less than (?:desired .{0,10}memory utilization|requested memory)/i,
    message: 'it had too little memory',
    advice:
      'Give it a shorter context or less of the memory by arguments (vLLM: --args=--max-model-len,8192,--gpu-memory-utilization,0.8; llama.cpp: --args=--ctx-size,8192), or stop what else uses the memory.',
  },
  {
    kind: 'no-gpu',
    sign: /no CUDA|CUDA is not available|No CUDA GPUs|Failed to infer device type|no NVIDIA driver|libcuda\.so/i,
    message: 'it found no GPU that it can use',
    advice: 'Serve the model with the starter runtime, llama.cpp or transformers, or on a machine with a GPU.',
  },
  {
    kind: 'wrong-version',
    sign: /Could not load this library|cannot open shared object file|undefined symbol/,
    message: 'a library of one of its packages was made for another build of torch or of the system',
    advice: 'Install the build of that package that goes with the installed torch, or take the package away.',
  },
  {
    kind: 'missing-package',
    sign: /ModuleNotFoundError|No module named|ImportError|PackageNotFoundError/,
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
    sign: /max_model_len \(\d+\) is greater than/,
    message: 'it was asked for a longer context than the model has',
    advice: 'Ask for a shorter one (--args=--max-model-len,N), or for none: the model’s own is taken then.',
  },
  {
    kind: 'model-not-found',
    sign: /SafetensorError|corrupted or incomplete|not within the file bounds/,
    message: 'a file of its weights is not whole',
    advice: 'Copy the checkpoint again, or take an earlier one.',
  },
  {
    kind: 'model-not-found',
    sign: /backend tokenizer|(?:load|find|initialize) (?:the )?tokenizer/i,
    message: 'it could not load the tokenizer of the model',
    advice: 'See that tokenizer.json and tokenizer_config.json stand beside the weights.',
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

/** What processes of vLLM put before each line: name, then level, time and place. */
const PREFIX = /^\([\w-]+ pid=\d+\) (?:[A-Z]+ [\d-]+ [\d:]+ \[[\w.]+:\d+\] ?)?/;
/** An exception as Python ends its traceback with, or what a program says of its arguments. */
const ERROR = /^(?:[A-Za-z_][\w.]*(?:Error|Exception|Exit)|Exception|(?:[\w./-]+: )?error): \S/;
/** Said by a process of one that ended before it. */
const POINTS_BACK = /see (?:root cause|stack trace)|\binitialization failed\b/i;
/** An error may go on in the lines below it, until something else begins. */
const GOES_ON = 4;
const BEGINS = /^(?:\s*$|Traceback|Process |\S+: |\S+:\d+: )/;

/**
 * The lines that say what went wrong: of several processes each ends with a traceback, and only the first knows why. Empty where no
 * line is told to be one.
 */
export function errorLines(log: string): string[] {
  const lines = linesOf(log).map((line) => {
    const [prefix = ''] = PREFIX.exec(line) ?? [];
    return { process: prefix.slice(0, prefix.indexOf(')')), text: line.slice(prefix.length) };
  });
  const at = lines.findLastIndex(({ text }) => ERROR.test(text) && !POINTS_BACK.test(text));
  const first = lines[at];
  if (!first) return [];
  const after = lines.slice(at + 1, at + GOES_ON);
  const end = after.findIndex((line) => line.process !== first.process || BEGINS.test(line.text));
  return [first, ...(end < 0 ? after : after.slice(0, end))].map(({ text }) => text);
}

/** Why a model server ended, as far as the end of its log tells; `message` follows “it did not start:” or “it ended:”. Undefined where it doesn't. */
export function explainServerFailure(log: string): JobFailure | undefined {
  const end = linesOf(log).slice(-LINES).join('\n');
  // What it wrote while all was well holds words of every kind.
  return explain(errorLines(log).join('\n')) ?? explain(end);
}

function explain(words: string): JobFailure | undefined {
  const found = SIGNS.find(({ sign }) => sign.test(words));
  return found && { kind: found.kind, message: found.message, advice: found.advice };
}

function linesOf(log: string): string[] {
  return log.split(/[\r\n]+/);
}
