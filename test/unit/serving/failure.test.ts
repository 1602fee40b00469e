import { describe, expect, test } from 'vitest';
import { errorLines, explainServerFailure } from '../../../src/core/serving/failure.ts';

/** Ends of real logs of vLLM 0.32, shortened: a worker fails, then the engine, then the server. */
const severalProcesses = (error: string): string =>
  [
    '(APIServer pid=12) INFO 11-26 15:38:00 [chat_utils.py:12] Detected the chat template content format to be string.',
    '(APIServer pid=12) WARNING 11-26 15:38:00 [cpu.py:224] Triton is not supported on this machine.',
    '(VllmWorker-0 pid=14) ERROR 11-26 15:38:40 [multiproc_executor.py:953] Traceback (most recent call last):',
    '(VllmWorker-0 pid=14) ERROR 11-26 15:38:40 [multiproc_executor.py:953]   File "cpu_worker.py", line 83, in __init__',
    '(VllmWorker-0 pid=14) ERROR 11-26 15:38:40 [multiproc_executor.py:953]     raise ValueError(',
    `(VllmWorker-0 pid=14) ERROR 11-26 15:38:40 [multiproc_executor.py:953] ${error}`,
    '(EngineCore pid=13) INFO 11-26 15:38:40 [multiproc_executor.py:479] [shutdown] Executor: waiting for worker exit count=1',
    '(EngineCore pid=13) ERROR 11-26 15:38:46 [core.py:1510] EngineCore failed to start.',
    '(EngineCore pid=13) ERROR 11-26 15:38:46 [core.py:1510] Exception: WorkerProc initialization failed due to an exception in a background process. See stack trace for root cause.',
    'Process EngineCore:',
    'Traceback (most recent call last):',
    '    raise e from None',
    'Exception: WorkerProc initialization failed due to an exception in a background process. See stack trace for root cause.',
    'Traceback (most recent call last):',
    '    raise RuntimeError(',
    "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}",
    "resource_tracker.py:254: UserWarning: resource_tracker: There appear to be 1 leaked shared_memory objects to clean up at shutdown\n  warnings.warn('resource_tracker: There appear to be %d '",
  ].join('\n');

describe('the error of a server that ended', () => {
  test('is that of the process that failed first, not of those that failed after it', () => {
    const error =
      'ValueError: Available memory on node 0 (15.31/19.59 GiB) on startup is less than desired CPU memory utilization (0.92, 18.02 GiB).';
    expect(errorLines(severalProcesses(error))).toEqual([error]);
    expect(explainServerFailure(severalProcesses(error))?.kind).toBe('out-of-memory');
    // A message from before the failure is not taken for the reason.
    const chat = explainServerFailure(severalProcesses('ValueError: Something else is wrong with the chat template.'));
    expect(chat?.message).toContain('chat template');
  });

  test.each([
    [
      'out-of-memory',
      "RuntimeError: Worker failed with error 'Available memory on node 0 (18.48/23.59 GiB) on kv cache allocation is less than requested memory for kv (-0.61/0.02 GiB).', please check the stack trace above for the root cause",
    ],
    [
      'out-of-memory',
      'ValueError: Free memory on device (3.06/23.68 GiB) on startup is less than desired GPU memory utilization (0.9, 21.31 GiB).',
    ],
    ['no-gpu', 'ImportError: libcuda.so.1: cannot open shared object file: No such file or directory'],
    ['wrong-version', 'OSError: Could not load this library: torchaudio/lib/_torchaudio.abi3.so'],
    ['missing-package', 'importlib.metadata.PackageNotFoundError: No package metadata was found for vllm'],
    [
      'model-not-found',
      'safetensors._safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered',
    ],
    ['port-taken', 'OSError: [Errno 98] Address already in use'],
  ])('%s: %s', (kind, error) => {
    expect(explainServerFailure(severalProcesses(error))).toMatchObject({ kind });
    expect(errorLines(severalProcesses(error))).toEqual([error]);
  });

  test('includes the lines below it', () => {
    const log = `Traceback (most recent call last):
    s.__pydantic_validator__.validate_python(ArgsKwargs(args, kwargs), self_instance=s)
pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig
  Value error, User-specified max_model_len (99999) is greater than the derived max_model_len (max_position_embeddings=1024.0 or model_max_length=None in model's config.json).
    For further information visit https://errors.pydantic.dev/2.14/v/value_error`;
    expect(errorLines(log)).toHaveLength(3);
    expect(explainServerFailure(log)?.message).toBe('the requested context is longer than the model’s own');
  });

  test('includes the lines below it without indentation', () => {
    const log = `    raise ValueError(
ValueError: Couldn't instantiate the backend tokenizer from one of: 
(1) a \`tokenizers\` library serialization file, 
(2) a slow tokenizer instance to convert or 
resource_tracker.py:254: UserWarning: resource_tracker: There appear to be 1 leaked shared_memory objects`;
    expect(errorLines(log)).toHaveLength(3);
    expect(explainServerFailure(log)?.message).toBe('it could not load the tokenizer of the model');
  });

  test('is undefined without an error line', () => {
    expect(explainServerFailure('loading\nSegmentation fault somewhere')).toBeUndefined();
    expect(errorLines('loading\nSegmentation fault somewhere')).toEqual([]);
  });
});
