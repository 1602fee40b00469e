// SCRIPTED: `python3` is a shell script that acts as Python, venv and pip.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasEnvironment, makeEnvironment } from '../../../src/system/make-environment.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const PYTHON = `#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
echo "$TMPDIR" > "$(dirname "$0")/../temporary"
case "$*" in *--quiet*) exit;; esac
touch "$TMPDIR/part"
echo "Downloading torch-2.9.0-cp311-none-any.whl (3 MB)"
echo "Progress 1000000 of 3000000"
[ -e "$TMPDIR/../wait" ] && exec sleep 60
echo "Installing collected packages: a, b"
`;

describe.skipIf(process.platform === 'win32')('an environment', () => {
  const path = process.env.PATH;
  let cache = '';

  beforeEach(async () => {
    cache = await temporaryFolder();
    await mkdir(join(cache, 'python'));
    await mkdir(join(cache, 'bin'));
    await writeFile(join(cache, 'bin', 'python3'), PYTHON, { mode: 0o755 });
    process.env.PATH = `${join(cache, 'bin')}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });

  it('is made from the bytes of each download, and pip works in a temporary folder of its own', async () => {
    const seen: unknown[] = [];
    await makeEnvironment(cache, 'trainer', { onStep: (text, bytes) => seen.push([text, bytes]) });
    expect(seen).toEqual([
      ['Creating a Python environment', undefined],
      ['Updating pip', undefined],
      ['Downloading torch (3 MB)', undefined],
      ['Downloading torch (3 MB)', 1_000_000],
      ['Installing 2 packages', undefined],
    ]);
    const temporary = (await readFile(join(cache, 'python', 'trainer', 'temporary'), 'utf8')).trim();
    expect(temporary).toBe(join(cache, 'python', 'trainer.tmp'));
    expect(await hasEnvironment(cache, 'trainer')).toBe(true);
    expect(await readdir(join(cache, 'python'))).toEqual(['trainer']);
  });

  it('can be cancelled, leaves no temporary files, and is completed the next time', async () => {
    await writeFile(join(cache, 'python', 'wait'), '');
    const cancel = new AbortController();
    const onStep = (_: string, bytes?: number): void => {
      if (bytes !== undefined) cancel.abort();
    };
    await expect(makeEnvironment(cache, 'trainer', { signal: cancel.signal, onStep })).rejects.toThrow();
    expect((await readdir(join(cache, 'python'))).sort()).toEqual(['trainer', 'wait']);
    expect(await hasEnvironment(cache, 'trainer')).toBe(false);
    await rm(join(cache, 'python', 'wait'));
    await makeEnvironment(cache, 'trainer');
    expect(await hasEnvironment(cache, 'trainer')).toBe(true);
  });

  it('reports that Python is missing, and how to get it', async () => {
    process.env.PATH = cache;
    await expect(makeEnvironment(cache, 'trainer')).rejects.toMatchObject({
      message: 'Program “python3” not found.',
      advice: expect.stringContaining('Install Python 3.10 or later'),
    });
  });

  it('installs a package again when its installation was killed before its programs were written', async () => {
    const packages = join(cache, 'python', 'trainer', 'lib', 'python3.11', 'site-packages');
    for (const name of ['whole-1.0.dist-info', 'half-1.0.dist-info']) {
      await mkdir(join(packages, name), { recursive: true });
      await writeFile(join(packages, name, 'RECORD'), '');
    }
    await writeFile(join(packages, 'whole-1.0.dist-info', 'INSTALLER'), 'pip\n');
    await makeEnvironment(cache, 'trainer');
    expect(await readdir(packages)).toEqual(['whole-1.0.dist-info']);
  });
});
