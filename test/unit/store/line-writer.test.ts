import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLineAt } from '../../../src/store/lines/files.ts';
import { LineWriter } from '../../../src/store/lines/line-writer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('appended lines', () => {
  test('are at the returned offsets, in the order of the calls', async () => {
    const path = join(await temporaryFolder(), 'deep', 'lines.jsonl');
    const writer = new LineWriter(path, { sync: true });
    const rows = Array.from({ length: 50 }, (_, i) => ({ i, text: 'ä'.repeat(i) }));
    const places = await Promise.all(rows.map((row) => writer.append(row)));
    for (const [i, { offset, length }] of places.entries()) {
      expect(await readLineAt(path, offset, length)).toEqual(rows[i]);
    }
    await writer.close();
  });

  test('start on a new line after an incomplete one', async () => {
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
  test('rejects every line of its batch, and the next batch is written', async () => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    // A folder at the path of the file: no user can open it for writing.
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
    'because the path is a device does not write to it, and the file is read again (skipped without /dev/full)',
    async () => {
      const path = join(await temporaryFolder(), 'lines.jsonl');
      await symlink('/dev/full', path);
      const writer = new LineWriter(path, { sync: false });
      await expect(writer.append({ lost: 1 })).rejects.toThrow(/is a device/);
      // An interrupted write may leave this.
      await unlink(path);
      await writeFile(path, '{"lo');
      const { offset, length } = await writer.append({ kept: 2 });
      await writer.close();
      expect(await readFile(path, 'utf8')).toBe('{"lo\n{"kept":2}\n');
      expect(await readLineAt(path, offset, length)).toEqual({ kept: 2 });
    },
  );

  test('does not make closing hang or throw', async () => {
    const path = join(await temporaryFolder(), 'lines.jsonl');
    await mkdir(path);
    const writer = new LineWriter(path, { sync: true });
    await expect(writer.append({ lost: 1 })).rejects.toThrow(/is a folder/);
    await writer.close();
    await rm(path, { recursive: true });
  });
});
