import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLineAt } from '../../../src/store/files.ts';
import { LineWriter } from '../../../src/store/line-writer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('lines that are appended', () => {
  test('come at the places that are told, in the order of the calls', async () => {
    const path = join(await temporaryFolder(), 'deep', 'lines.jsonl');
    const writer = new LineWriter(path, { sync: true });
    const rows = Array.from({ length: 50 }, (_, i) => ({ i, text: 'ä'.repeat(i) }));
    const places = await Promise.all(rows.map((row) => writer.append(row)));
    for (const [i, { offset, length }] of places.entries()) {
      expect(await readLineAt(path, offset, length)).toEqual(rows[i]);
    }
    await writer.close();
  });

  test('after a line that a dead writer left unfinished, it is ended first', async () => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    await writeFile(path, '{"a":1}\n{"torn":');
    const writer = new LineWriter(path, { sync: false });
    const { offset, length } = await writer.append({ b: 2 });
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe('{"a":1}\n{"torn":\n{"b":2}\n');
    expect(await readLineAt(path, offset, length)).toEqual({ b: 2 });
  });
});

describe('a write that fails', () => {
  test('rejects every line of its batch, and the next one is written as if nothing had happened', async () => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    // A folder in the file's place: it cannot be opened, whoever runs the test.
    await mkdir(path);
    const writer = new LineWriter(path, { sync: true });
    const results = await Promise.allSettled([writer.append({ lost: 1 }), writer.append({ lost: 2 })]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await rmdir(path);
    const { offset, length } = await writer.append({ kept: 3 });
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe('{"kept":3}\n');
    expect(await readLineAt(path, offset, length)).toEqual({ kept: 3 });
  });

  test.skipIf(!existsSync('/dev/full'))(
    'on a full disk, the file is looked at again (skipped without /dev/full)',
    async () => {
      const path = join(await temporaryFolder(), 'lines.jsonl');
      await symlink('/dev/full', path);
      const writer = new LineWriter(path, { sync: false });
      await expect(writer.append({ lost: 1 })).rejects.toThrow(/ENOSPC/);
      // What stands there now is what a write that broke off may have left.
      await unlink(path);
      await writeFile(path, '{"lo');
      const { offset, length } = await writer.append({ kept: 2 });
      await writer.close();
      expect(await readFile(path, 'utf8')).toBe('{"lo\n{"kept":2}\n');
      expect(await readLineAt(path, offset, length)).toEqual({ kept: 2 });
    },
  );

  test('closing after it neither hangs nor throws', async () => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    await mkdir(path);
    const writer = new LineWriter(path, { sync: true });
    await expect(writer.append({ lost: 1 })).rejects.toThrow(/EISDIR/);
    await writer.close();
    await rm(path, { recursive: true });
  });
});
