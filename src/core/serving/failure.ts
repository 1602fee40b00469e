import type { JobFailure } from '../schemas/index.ts';

/** Last messages of servers, the most specific first. */
const SIGNS: readonly (JobFailure & { sign: RegExp })[] = [
  {
    kind: 'port-taken',
    sign: /address already in use|EADDRINUSE|couldn't bind|bind\(\) failed|port .{0,20}(?:in use|taken)/i,
    message: 'another program uses its port',
    advice: 'Start it again. Longhand chooses a free port.',
  },
  {
    kind: 'out-of-memory',
    sign: /out of memory|OutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|MemoryError|failed to allocate|cannot allocate memory|No available memory for the cache blocks|KV cache .{0,40}larger than|less than (?:desired .{0,10}memory utilization|requested memory)/i,
    message: 'there was not enough memory',
    advice:
      'Set a shorter context or a smaller share of memory (vLLM: --args=--max-model-len,8192,--gpu-memory-utilization,0.8; llama.cpp: --args=--ctx-size,8192), or stop other programs that use the memory.',
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
    message: 'a library was built for another version of torch or of the system',
    advice: 'Install a build of that package for the installed torch, or remove the package.',
  },
  {
    kind: 'missing-package',
    sign: /ModuleNotFoundError|No module named|ImportError|PackageNotFoundError/,
    message: 'a package is missing',
    advice: 'Install the package named in the last lines of the log into the same environment.',
  },
  {
    kind: 'bad-config',
    sign: /unrecognized arguments?|no such option|unknown argument|invalid argument|error while handling argument/i,
    message: 'it does not support one of its arguments',
    advice: 'Check its help and change the arguments (--args). Another version may name them differently.',
  },
  {
    kind: 'bad-config',
    sign: /max_model_len \(\d+\) is greater than/,
    message: 'the requested context is longer than the model’s own',
    advice: 'Set a shorter one (--args=--max-model-len,N), or none to use the model’s own.',
  },
  {
    kind: 'model-not-found',
    sign: /SafetensorError|corrupted or incomplete|not within the file bounds/,
    message: 'a file of its weights is incomplete',
    advice: 'Copy the checkpoint again, or use an earlier one.',
  },
  {
    kind: 'model-not-found',
    sign: /backend tokenizer|(?:load|find|initialize) (?:the )?tokenizer/i,
    message: 'it could not load the tokenizer of the model',
    advice: 'Check that tokenizer.json and tokenizer_config.json are next to the weights.',
  },
  {
    kind: 'bad-config',
    sign: /chat.?template/i,
    message: 'it can’t use the chat template of the model',
    advice: 'Check that the checkpoint has the chat template that it was trained with.',
  },
  {
    kind: 'wrong-architecture',
    sign: /not supported|unsupported|unknown model architecture|does not recognize this architecture/i,
    message: 'it does not support this kind of model',
    advice: 'Update the server, or choose another one.',
  },
];

const LINES = 200;

/** Prefix of vLLM's log lines: process, level, time and place. */
const PREFIX = /^\([\w-]+ pid=\d+\) (?:[A-Z]+ [\d-]+ [\d:]+ \[[\w.]+:\d+\] ?)?/;
/** The last line of a Python traceback, or an error of a program about its arguments. */
const ERROR = /^(?:[A-Za-z_][\w.]*(?:Error|Exception|Exit)|Exception|(?:[\w./-]+: )?error): \S/;
/** An error that refers to an earlier one. */
const POINTS_BACK = /see (?:root cause|stack trace)|\binitialization failed\b/i;
/** Maximum lines of an error. */
const GOES_ON = 4;
const BEGINS = /^(?:\s*$|Traceback|Process |\S+: |\S+:\d+: )/;

/** The error lines of a log, or none: of several processes each ends with a traceback, and the first one has the cause. */
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

/** Why a model server ended, from the end of its log; `message` follows “it did not start:” or “it ended:”. Undefined if unknown. */
export function explainServerFailure(log: string): JobFailure | undefined {
  const end = linesOf(log).slice(-LINES).join('\n');
  // Error lines first: other lines contain words of all kinds.
  return explain(errorLines(log).join('\n')) ?? explain(end);
}

function explain(text: string): JobFailure | undefined {
  const found = SIGNS.find(({ sign }) => sign.test(text));
  return found && { kind: found.kind, message: found.message, advice: found.advice };
}

function linesOf(log: string): string[] {
  return log.split(/[\r\n]+/);
}
