import { ServingError } from './errors.ts';
import type { NotReady } from './ready.ts';
import type { ServerTemplate } from './servers.ts';

const SHOWN_LINES = 12;

/** Kinds of last words of a server, the most telling first. */
const SIGNS: readonly { sign: RegExp; message: string; advice: string }[] = [
  {
    sign: /address already in use|EADDRINUSE|couldn't bind|bind\(\) failed|port .{0,20}(?:in use|taken)/i,
    message: 'its port was taken by another program',
    advice: 'Start it again: a free port is chosen.',
  },
  {
    sign: /out of memory|OutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|MemoryError|failed to allocate|cannot allocate memory|No available memory for the cache blocks|KV cache .{0,40}larger than/i,
    message: 'it had too little memory',
    advice:
      'Give it a shorter context or less of the GPU by arguments (vLLM: --max-model-len 8192 --gpu-memory-utilization 0.8; llama.cpp: --ctx-size 8192), or stop what else uses the memory.',
  },
  {
    sign: /no CUDA|CUDA is not available|No CUDA GPUs|Failed to infer device type|no NVIDIA driver/i,
    message: 'it found no GPU that it can use',
    advice: 'Serve the model with the starter runtime, llama.cpp or transformers, or on a machine with a GPU.',
  },
  {
    sign: /ModuleNotFoundError|No module named|ImportError/,
    message: 'a package is missing',
    advice: 'Install what its last lines name into the same environment.',
  },
  {
    sign: /unrecognized arguments?|no such option|unknown argument|invalid argument|error while handling argument/i,
    message: 'it does not know one of its arguments',
    advice: 'Look at its help, and change them (--args); another version may have other names.',
  },
  {
    sign: /chat.?template/i,
    message: 'it has trouble with the chat template of the model',
    advice: 'See that the checkpoint holds the chat template that it was trained with.',
  },
  {
    sign: /not supported|unsupported|unknown model architecture|does not recognize this architecture/i,
    message: 'it does not know this kind of model',
    advice: 'Update the server, or choose another one.',
  },
];

/** What became of a server that did not come up, with its last lines. */
export function inWords(template: ServerTemplate, failure: NotReady, log: string, logFile: string): ServingError {
  const lines = log.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const last = lines.slice(-SHOWN_LINES).join('\n').slice(-2_000);
  const known = SIGNS.find(({ sign }) => sign.test(lines.slice(-200).join('\n')) || sign.test(failure.message));
  const slow = 'It was stopped. Give it more time (--wait MINUTES).';
  const advice = failure.why === 'slow' ? slow : (known?.advice ?? 'Mend what its last lines say, and start it again.');
  const why = known && failure.why !== 'slow' ? `${template.name} did not start: ${known.message}.` : failure.message;
  const said = last === '' ? 'It wrote nothing.' : `Its last lines:\n${last}`;
  return new ServingError(`${why} ${said}`, `${advice} All of its log: ${logFile}`);
}
