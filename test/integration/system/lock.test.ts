import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLock } from '../../../src/system/lock.ts';

let folder: string;
/** The lock as a module that any Node can import, for other processes. */
let module: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhand-lock-'));
  module = join(folder, 'lock.mjs');
  const entry = resolve(import.meta.dirname, '../../../src/system/lock.ts');
  await build({
    entryPoints: [entry],
    outfile: module,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Another process that runs `body` with `withLock` and `file` in scope. */
function other(file: string, body: string) {
  const script = `import { withLock } from ${JSON.stringify(pathToFileURL(module).href)};
    import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const file = ${JSON.stringify(file)};
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const started = new Promise<void>((done) => child.stdout.once('data', () => done()));
  return { child, ended, started };
}

describe('the lock between processes', () => {
  test('admits one at a time', async () => {
    const file = join(folder, 'count.lock');
    const counter = join(folder, 'count');
    await writeFile(counter, '0');
    // Reading, waiting and writing loses counts as soon as two processes are admitted.
    const body = `const counter = ${JSON.stringify(counter)};
      for (let i = 0; i < 5; i++) await withLock(file, async () => {
        const seen = Number(readFileSync(counter, 'utf8'));
        await sleep(5);
        writeFileSync(counter, String(seen + 1));
      });`;
    const all = [1, 2, 3, 4].map(() => other(file, body).ended);
    expect(await Promise.all(all)).toEqual([0, 0, 0, 0]);
    expect(await readFile(counter, 'utf8')).toBe('20');
    expect(existsSync(file)).toBe(false);
  }, 60_000);

  test('is released when its holder is killed', async () => {
    const file = join(folder, 'killed.lock');
    const holder = other(file, `await withLock(file, async () => { console.log('in'); await sleep(60_000); });`);
    await holder.started;
    expect(existsSync(file)).toBe(true);
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(await withLock(file, async () => 'mine')).toBe('mine');
  }, 30_000);

  test('is waited for while its holder lives, and the wait can be cancelled', async () => {
    const file = join(folder, 'held.lock');
    const holder = other(file, `await withLock(file, async () => { console.log('in'); await sleep(60_000); });`);
    await holder.started;
    const controller = new AbortController();
    let waitedFor: number | undefined;
    const waiting = withLock(file, async () => 'never', {
      signal: controller.signal,
      onWait: (pid) => {
        waitedFor = pid;
        controller.abort();
      },
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(waitedFor).toBe(holder.child.pid);
    holder.child.kill('SIGKILL');
    await holder.ended;
  }, 30_000);

  test('of another machine expires when it is not touched', async () => {
    const file = join(folder, 'foreign.lock');
    await writeFile(file, JSON.stringify({ pid: process.pid, host: 'another-machine', nonce: '0' }));
    const longAgo = new Date(Date.now() - 10 * 60_000);
    await utimes(file, longAgo, longAgo);
    expect(await withLock(file, async () => 'mine')).toBe('mine');
  });

  test('is released when the work fails', async () => {
    const file = join(folder, 'failed.lock');
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });
});
