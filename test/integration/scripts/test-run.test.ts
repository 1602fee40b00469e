import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { TestRun } from '../../../scripts/lib/test-run.ts';
import { isAlive } from '../../../src/system/process.ts';

it.skipIf(process.platform === 'win32')(
  'leftovers of a test run are listed and removed (needs Linux or macOS)',
  async () => {
    for (const name of ['TMPDIR', 'TMP', 'TEMP', 'LONGHAND_TEST_RUN']) vi.stubEnv(name, process.env[name]);
    try {
      const run = await TestRun.begin();
      const folder = tmpdir();
      const script = join(folder, 'serve.mjs');
      await writeFile(script, 'setInterval(() => {}, 1000);');
      const child = spawn(process.execPath, ['--no-warnings', script], { detached: true, stdio: 'ignore' });
      const exited = new Promise((done) => child.once('exit', done));
      await run.endLeftovers();
      await exited;
      if (process.platform === 'linux') expect(run.ended).toEqual([`node serve.mjs (pid ${child.pid})`]);
      else expect(run.ended).toHaveLength(1);
      expect(isAlive(child.pid ?? 0)).toBe(false);
      await run.removeFolder();
      expect(existsSync(folder)).toBe(false);
      await run.endLeftovers();
      expect(run.ended).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
    }
  },
);
