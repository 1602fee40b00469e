import { expect, test } from 'vitest';
import { explainFailure } from '../../../src/core/training/failure.ts';

test.each([
  ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB', 'out-of-memory'],
  ["ModuleNotFoundError: No module named 'trl'", 'missing-package'],
  ['ImportError: Using `bitsandbytes` requires the latest version: `pip install -U bitsandbytes`', 'missing-package'],
  ["TypeError: SFTConfig.__init__() got an unexpected keyword argument 'warmup_ratio'", 'wrong-version'],
  ["KeyError: 'messages'", 'bad-column'],
  ['torch.distributed.DistNetworkError: The server socket has failed to listen ... EADDRINUSE', 'port-taken'],
  [
    'ValueError: The checkpoint you are trying to load has model type `x` but Transformers does not recognize this architecture.',
    'wrong-architecture',
  ],
  [
    "OSError: nobody/nothing is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
    'model-not-found',
  ],
  ['OSError: [Errno 28] No space left on device', 'disk-full'],
  ["ValueError: Your setup doesn't support bf16/gpu.", 'no-gpu'],
  ['yaml.scanner.ScannerError: mapping values are not allowed here', 'bad-config'],
  ['LonghandConfigError: sft.yaml has x, which nobody reads', 'bad-config'],
  ['LonghandNoRows: No row has a trained token.', 'no-rows'],
  ['longhand_progress.LonghandDiverged: The loss is not a number at step 4.', 'diverged'],
  ['longhand_progress.LonghandDiverged: The gradient is not a number at step 3.', 'diverged'],
  ['longhand_progress.LonghandDiverged: The weights are not numbers.', 'diverged'],
  ['something else', 'unknown'],
])('%s → %s', (log, kind) => {
  const failure = explainFailure(`Traceback (most recent call last):\n  File "x"\n${log}\n`);
  expect(failure.kind).toBe(kind);
  expect(failure.advice).not.toBe('');
});

test('the last error of the log is the reason', () => {
  const log = "ImportError: No module named 'flash_attn'\nfalling back\nOSError: [Errno 28] No space left on device";
  expect(explainFailure(log).kind).toBe('disk-full');
});

test('the advice names the package to install, not the imported module', () => {
  expect(explainFailure("ModuleNotFoundError: No module named 'yaml.scanner'").advice).toContain('pip install pyyaml');
});

test('the first failed process of several decides whether they were killed', () => {
  const logOf = (first: string, other: string) =>
    `Failures:\n[1]:\n  rank : 1\n  traceback : ${other}\n---\nRoot Cause (first observed failure):\n[0]:\n  traceback : ${first}\n====\n`;
  const [killed, ended] = ['Signal 9 (SIGKILL) received by PID 7', 'Signal 15 (SIGTERM) received by PID 8'];
  expect(explainFailure(logOf(killed, ended), { exitCode: 1 }).kind).toBe('killed');
  expect(explainFailure(logOf('none', killed), { exitCode: 1 }).kind).toBe('unknown');
});

test('an unknown failure quotes the last line, and exit code or signal show a kill', () => {
  expect(explainFailure('one\ntwo\n').message).toContain('two');
  expect(explainFailure('', { exitCode: 137 }).kind).toBe('killed');
  expect(explainFailure('12% 3/8', { exitCode: null, signal: 'SIGKILL' }).message).toContain('out of memory');
  expect(explainFailure('one\n', { exitCode: null, signal: 'SIGTERM' }).kind).toBe('unknown');
  expect(explainFailure('').message).toBe('The log is empty.');
});
