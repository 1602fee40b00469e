import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { Dataset } from '../../../src/store/index.ts';
import { LineWriter } from '../../../src/store/lines/line-writer.ts';
import { DiskFullError } from '../../../src/system/atomic-write.ts';
import { journalOf, serve, stateOf } from '../../fixtures/scripted-dataset.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';
import { file, run } from '../../unit/verbs/run.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const each of undo.splice(0).reverse()) await each();
});

/** A file system of two megabytes in memory, or undefined where this process may not mount one. */
async function smallDisk(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  undo.push(() => execFileSync('umount', ['-l', folder]));
  return folder;
}

/** Leaves this many bytes free. */
async function fill(disk: string, left: number): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(disk);
  const path = join(disk, 'filler');
  await writeFile(path, Buffer.alloc(Math.max(0, bavail * bsize - left), 1));
  return () => rm(path);
}

test('a line that does not fit leaves no partial data, and the error names what to free', async () => {
  const path = join(await temporaryFolder(), 'lines.jsonl');
  const writer = new LineWriter(path, { sync: true });
  await writer.append({ first: 1 });
  const handle = await open(path);
  const files = Object.getPrototypeOf(handle);
  await handle.close();
  // A SCRIPTED failure: half of the bytes fit.
  vi.spyOn(files, 'writeFile').mockImplementationOnce(async function (this: typeof handle, bytes: unknown) {
    if (bytes instanceof Buffer) await this.write(bytes.subarray(0, bytes.length / 2));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  const error: unknown = await writer.append({ second: 2 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DiskFullError);
  expect(error).toMatchObject({
    message: `The disk is full: can’t write ${path}.`,
    advice: expect.stringMatching(/^Free some space on the disk of .*, then try again\.$/),
  });
  expect(await readFile(path, 'utf8')).toBe('{"first":1}\n');
  await writer.append({ third: 3 });
  await writer.close();
  expect(await readFile(path, 'utf8')).toBe('{"first":1}\n{"third":3}\n');
});

describe('a round on a full disk', { timeout: 60_000 }, () => {
  test('fails, records the failure in its state, loses no reply, and resumes once there is space', async ({ skip }) => {
    const disk = await smallDisk();
    if (disk === undefined) return skip('a small file system can be mounted by root on Linux only');
    let sent = 0;
    // A SCRIPTED server: each reply has 20 kB, so that about sixty fit at first.
    const server = await serve(() => {
      sent++;
      return { content: `${'so '.repeat(7_000)}\\boxed{8}`, pieceLength: 4_000, latencyMs: 20 };
    });
    const { dataset: folder } = await run('init', { dataset: join(disk, 'dataset') });
    const rows = Array.from({ length: 20 }, (_, i) => ({ id: `p${i}`, problem: `What is ${i} + 8?`, answer: '8' }));
    await run('import', { dataset: folder, file: await file('problems.jsonl', rows) });
    await run('model', { dataset: folder, model: { kind: 'openai', baseURL: server.baseURL, model: 'scripted' } });
    const empty = await fill(disk, 1_300_000);
    const tries = { answer1: 4, answer2: 4, check: 1, summary: 1 };
    await expect(run('generate', { dataset: folder, problems: 20, tries })).rejects.toThrow(/^The disk is full/);
    const dataset = await Dataset.open(folder, { index: false });
    const [round = ''] = await dataset.rounds();
    expect(await stateOf(folder, round)).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/The disk is full.*Free some space/),
    });
    expect(await journalOf(folder, round)).toHaveLength(sent);
    expect((await readdir(dataset.roundFolder(round))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await empty();
    execFileSync('mount', ['-o', 'remount,size=64m', disk]);
    const before = sent;
    const summary = RoundSummary.parse(await run('resume', { dataset: folder, round }));
    expect(summary.calls).toBe(sent);
    expect(sent).toBeGreaterThan(before);
  });
});

test('an export that does not fit leaves nothing under its name', async ({ skip }) => {
  const disk = await smallDisk();
  if (disk === undefined) return skip('a small file system can be mounted by root on Linux only');
  const { dataset } = await run('sample', { dataset: join(disk, 'sample') });
  const empty = await fill(disk, 40_000);
  await expect(run('export', { dataset, select: 'passed' })).rejects.toThrow(/^The disk is full: can’t write .*passed/);
  expect(await readdir(join(dataset, 'exports')).catch(() => [])).toEqual([]);
  await empty();
  expect((await run('export', { dataset, select: 'passed' })).chains).toBeGreaterThan(0);
});
