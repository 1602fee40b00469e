import { expect, test } from 'vitest';
import { PipProgress } from '../../../src/system/make-environment.ts';

// As pip 25 prints it with --progress-bar raw.
const OUTPUT = `Collecting torch
  Downloading torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (30 kB)
Collecting filelock (from torch)
  Using cached filelock-3.20.0-py3-none-any.whl.metadata (2.1 kB)
Downloading torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl (900.0 MB)
Progress 0 of 900000000
Progress 450000000 of 900000000
Progress 900000000 of 900000000
Using cached filelock-3.20.0-py3-none-any.whl (16 kB)
Downloading sympy-1.14.0-py3-none-any.whl (6.3 MB)
Progress 6300000 of 6300000
Installing collected packages: mpmath, sympy, torch
Successfully installed torch-2.9.0`;

test('size and name of each download are read, and bytes are summed over the files', () => {
  const progress = new PipProgress();
  const steps = OUTPUT.split('\n').flatMap((line) => progress.read(line) ?? []);
  expect(steps).toEqual([
    { text: 'Looking for torch' },
    { text: 'Downloading torch (30 kB)' },
    { text: 'Looking for filelock' },
    { text: 'Downloading torch (900.0 MB)' },
    { text: 'Downloading torch (900.0 MB)' },
    { text: 'Downloading torch (900.0 MB)', bytes: 450_000_000 },
    { text: 'Downloading torch (900.0 MB)', bytes: 900_000_000 },
    { text: 'Downloading sympy (6.3 MB)', bytes: 900_000_000 },
    { text: 'Downloading sympy (6.3 MB)', bytes: 906_300_000 },
    { text: 'Installing 3 packages' },
  ]);
});

test('the bytes of a download that restarts are added', () => {
  const progress = new PipProgress();
  progress.read('Downloading a-1.0.tar.gz (10 B)');
  expect(progress.read('Progress 6 of 10')?.bytes).toBe(6);
  expect(progress.read('Progress 2 of 10')?.bytes).toBe(8);
});
