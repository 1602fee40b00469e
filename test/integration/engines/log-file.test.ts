import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeUtf8, followFile } from '../../../src/engines/log-file.ts';
import { localPlace, logOf, NEVER } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

describe('a log that is followed', () => {
  test('in parts is the whole file, and every part begins where the previous one ended', async () => {
    const path = join(await temporaryFolder(), 'log.txt');
    const letters = fc.string({ unit: fc.constantFrom('a', '\n', 'ĝ', '三', '😀', '\r', '\ufeff') });
    await fc.assert(
      fc.asyncProperty(letters, fc.array(fc.nat(200), { maxLength: 6 }), async (text, cuts) => {
        const bytes = Buffer.from(text, 'utf8');
        const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        await writeFile(path, '');
        // The file grows by pieces that split characters, each time it was read to its end.
        let written = 0;
        const isDone = async (): Promise<boolean> => {
          if (written === bytes.length) return true;
          const end = ends.shift() ?? bytes.length;
          await appendFile(path, bytes.subarray(written, end));
          written = end;
          return false;
        };
        let read = '';
        let before = 0;
        for await (const part of followFile(path, 0, isDone, NEVER, { pollMs: 0 })) {
          expect(part.text).not.toContain('\ufffd');
          expect(part.offset - before).toBe(Buffer.byteLength(part.text));
          before = part.offset;
          read += part.text;
        }
        expect(read).toBe(text);
        expect(before).toBe(bytes.length);
      }),
      { numRuns: 200 },
    );
  });

  test('resumes from any offset that it returned', async () => {
    const path = join(await temporaryFolder(), 'log.txt');
    const text = 'ĝ😀三\n'.repeat(100_000);
    await writeFile(path, text);
    const done = async (): Promise<boolean> => true;
    const parts: { text: string; offset: number }[] = [];
    for await (const part of followFile(path, 0, done, NEVER)) parts.push(part);
    expect(parts.length).toBeGreaterThan(3);
    for (const [n, { offset }] of parts.entries()) {
      let rest = '';
      for await (const part of followFile(path, offset, done, NEVER)) rest += part.text;
      expect(
        rest ===
          parts
            .slice(n + 1)
            .map((part) => part.text)
            .join(''),
      ).toBe(true);
    }
  });

  test('with an incomplete last character, or invalid UTF-8, is returned to its end', async () => {
    const path = join(await temporaryFolder(), 'log.txt');
    await writeFile(path, Buffer.of(0x61, 0xff, 0x80, 0x62, 0xf0, 0x9f, 0x98));
    const parts: { text: string; offset: number }[] = [];
    for await (const part of followFile(path, 0, async () => true, NEVER)) parts.push(part);
    expect(parts.map((part) => part.text).join('')).toBe('a\ufffd\ufffdb\ufffd');
    expect(parts.at(-1)?.offset).toBe(7);
  });

  test('never splits a character, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (a, b) => {
        const whole = Buffer.concat([a, b]);
        const cut = completeUtf8(a);
        expect(a.length - cut).toBeLessThan(4);
        const parts = whole.subarray(0, cut).toString('utf8') + whole.subarray(cut).toString('utf8');
        expect(parts).toBe(whole.toString('utf8'));
      }),
      { numRuns: 20_000 },
    );
  });

  test('stops when its reader stops', async () => {
    const path = join(await temporaryFolder(), 'log.txt');
    const stop = new AbortController();
    const isDone = async (): Promise<boolean> => {
      stop.abort();
      return false;
    };
    const parts = followFile(path, 0, isDone, stop.signal);
    expect((await parts.next()).done).toBe(true);
  });

  test('of 300 MB is returned whole, without being held in memory', async () => {
    const { engine, submit } = await localPlace();
    const line = `${'三'.repeat(333)}\n`;
    const handle = await submit({
      command: [
        process.execPath,
        '-e',
        `const b = ${JSON.stringify(line)}.repeat(1000); for (let i = 0; i < 300; i++) require('fs').writeSync(1, b)`,
      ],
    });
    let bytes = 0;
    let longest = 0;
    for await (const part of engine.tail(handle, 0, NEVER)) {
      bytes = part.offset;
      longest = Math.max(longest, part.text.length);
    }
    expect(bytes).toBe(Buffer.byteLength(line) * 300_000);
    expect(longest).toBeLessThan(1e6);
    expect(await logOf(engine, handle, bytes - 4)).toBe('三\n');
  });
});
