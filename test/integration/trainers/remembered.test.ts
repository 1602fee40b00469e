// The interpreter is a script that prints the content of a file, and counts its calls.
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { askPythonOnce } from '../../../src/trainers/preflight/remembered.ts';
import { NEVER, ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

describe.skipIf(process.platform === 'win32')('caching of an interpreter’s answers', () => {
  let folder: string;
  let site: string;
  let rows: string;
  let reply: Record<string, unknown>;
  const gpus: string[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    site = join(folder, 'site-packages');
    rows = join(folder, 'rows.jsonl');
    await mkdir(site);
    await writeFile(rows, '{}\n');
    reply = { python: '3.12', site: [site], packages: { torch: '2.9' }, cuda: 0, lengths: [[12, 5, 7]] };
    const script = '#!/bin/sh\ncat > /dev/null\necho . >> "$0.asked"\ncat "$0.reply"\n';
    await writeFile(join(folder, 'python'), script, { mode: 0o755 });
  });

  const ask = async (env: NodeJS.ProcessEnv = {}, there: readonly string[] = gpus) => {
    await writeFile(join(folder, 'python.reply'), `@@LONGHAND ${JSON.stringify(reply)}\n`);
    const asking = { cache: folder, mediaFolder: join(ROOT, 'media'), env: { ...process.env, ...env }, signal: NEVER };
    return askPythonOnce([join(folder, 'python')], { packages: ['torch'], rows }, { ...asking, gpus: there });
  };
  const asked = async (): Promise<number> => (await readFile(join(folder, 'python.asked'), 'utf8')).length / 2;

  test('the second time the interpreter is not called, and the answer is the same', async () => {
    const first = await ask();
    expect(first).toMatchObject({ python: '3.12', lengths: [{ tokens: 12, trained: 5, first: 7 }] });
    expect(await ask()).toEqual(first);
    expect(await asked()).toBe(1);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a package was installed', () => writeFile(join(site, 'peft'), '')],
    ['a package was replaced', () => utimes(site, new Date(), new Date(Date.now() + 5000))],
    ['the rows are different', () => writeFile(rows, '{}\n{}\n')],
    ['other GPUs may be used', () => ask({ CUDA_VISIBLE_DEVICES: '1' })],
    ['a GPU was added', () => ask({}, ['A card'])],
  ])('the interpreter is called again when %s', async (_, change) => {
    await ask();
    await change();
    await ask();
    expect(await asked()).toBe(2);
  });

  test('the interpreter is called again after some minutes', async () => {
    await ask();
    vi.setSystemTime(Date.now() + 11 * 60_000);
    await ask();
    vi.useRealTimers();
    expect(await asked()).toBe(2);
  });

  test.each([
    ['rows that can’t be counted', { problem: 'no tokenizer' }],
    ['a torch that can’t be loaded', { torch: 'ImportError' }],
    ['packages that can’t be seen from here', { site: ['/inside/a/container'] }],
  ])('there is no cached answer for %s', async (_, over) => {
    reply = { ...reply, ...over };
    await ask();
    await ask();
    expect(await asked()).toBe(2);
  });

  test('the answer of a torch that does not see the available GPU is not cached', async () => {
    await ask({}, ['A card']);
    await ask({}, ['A card']);
    expect(await asked()).toBe(2);
  });
});
