import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../../src/core/schemas/index.ts';
import { FollowedLines } from '../../../src/store/lines/follow.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const line = (step: number): string => JSON.stringify({ event: 'log', step, loss: 1 });
const stepsOf = (lines: readonly ProgressLine[]) => lines.map(({ step }) => step);

async function follow() {
  const path = join(await temporaryFolder(), 'progress.jsonl');
  return { path, file: new FollowedLines(path, ProgressLine) };
}

describe('following a file of lines', () => {
  it('returns nothing without a file, then each line once', async () => {
    const { path, file } = await follow();
    expect(await file.next()).toEqual({ lines: [], restarted: false });
    await writeFile(path, `${line(1)}\n${line(2)}\n`);
    expect(stepsOf((await file.next()).lines)).toEqual([1, 2]);
    expect((await file.next()).lines).toEqual([]);
    await appendFile(path, `${line(3)}\n`);
    expect(stepsOf((await file.next()).lines)).toEqual([3]);
  });

  it('waits for the end of an incomplete line or character', async () => {
    const { path, file } = await follow();
    const whole = Buffer.from(`${JSON.stringify({ event: 'error', message: 'Speicher für 1 Schritt fehlt' })}\n`);
    const cut = whole.indexOf(0xc3) + 1;
    await writeFile(path, whole.subarray(0, cut));
    expect((await file.next()).lines).toEqual([]);
    await appendFile(path, whole.subarray(cut));
    expect((await file.next()).lines).toEqual([{ event: 'error', message: 'Speicher für 1 Schritt fehlt' }]);
    expect(file.bad).toBe(0);
  });

  it('counts and skips unreadable lines', async () => {
    const { path, file } = await follow();
    await writeFile(path, `{"event":"log","step":1,"loss":NaN}\n{'loss': '0.5'}\n\n${line(2)}\n`);
    expect(stepsOf((await file.next()).lines)).toEqual([2]);
    expect(file.bad).toBe(2);
  });

  it('starts over when the file was rewritten', async () => {
    const { path, file } = await follow();
    await writeFile(path, `${line(1)}\n${line(2)}\n`);
    await file.next();
    await writeFile(path, `${line(7)}\n`);
    expect(await file.next()).toEqual({ lines: [JSON.parse(line(7))], restarted: true });
  });

  it('reads a line longer than one chunk', async () => {
    const { path, file } = await follow();
    const message = 'x'.repeat(3 << 20);
    await writeFile(path, `${line(1)}\n${JSON.stringify({ event: 'error', message })}\n${line(2)}\n`);
    const { lines } = await file.next();
    expect(lines.map((one) => one.message?.length ?? one.step)).toEqual([1, message.length, 2]);
  });
});
