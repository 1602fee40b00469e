import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../../src/core/model/index.ts';
import { FollowedLines } from '../../../src/store/follow.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const line = (step: number): string => JSON.stringify({ event: 'log', step, loss: 1 });
const stepsOf = (lines: readonly ProgressLine[]) => lines.map(({ step }) => step);

async function follow() {
  const path = join(await temporaryFolder(), 'progress.jsonl');
  return { path, file: new FollowedLines(path, ProgressLine) };
}

describe('following a file of lines', () => {
  it('gives nothing while there is no file, then each line once', async () => {
    const { path, file } = await follow();
    expect(await file.look()).toEqual({ lines: [], anew: false });
    await writeFile(path, `${line(1)}\n${line(2)}\n`);
    expect(stepsOf((await file.look()).lines)).toEqual([1, 2]);
    expect((await file.look()).lines).toEqual([]);
    await appendFile(path, `${line(3)}\n`);
    expect(stepsOf((await file.look()).lines)).toEqual([3]);
  });

  it('leaves half a line until its end is there, and half a sign too', async () => {
    const { path, file } = await follow();
    const whole = Buffer.from(`${JSON.stringify({ event: 'error', message: 'Speicher für 1 Schritt fehlt' })}\n`);
    const cut = whole.indexOf(0xc3) + 1;
    await writeFile(path, whole.subarray(0, cut));
    expect((await file.look()).lines).toEqual([]);
    await appendFile(path, whole.subarray(cut));
    expect((await file.look()).lines).toEqual([{ event: 'error', message: 'Speicher für 1 Schritt fehlt' }]);
    expect(file.bad).toBe(0);
  });

  it('counts what can not be read, and makes nothing of it', async () => {
    const { path, file } = await follow();
    await writeFile(path, `{"event":"log","step":1,"loss":NaN}\n{'loss': '0.5'}\n\n${line(2)}\n`);
    expect(stepsOf((await file.look()).lines)).toEqual([2]);
    expect(file.bad).toBe(2);
  });

  it('begins again where the file was written anew', async () => {
    const { path, file } = await follow();
    await writeFile(path, `${line(1)}\n${line(2)}\n`);
    await file.look();
    await writeFile(path, `${line(7)}\n`);
    expect(await file.look()).toEqual({ lines: [JSON.parse(line(7))], anew: true });
  });

  it('reads a line longer than one piece', async () => {
    const { path, file } = await follow();
    const message = 'x'.repeat(3 << 20);
    await writeFile(path, `${line(1)}\n${JSON.stringify({ event: 'error', message })}\n${line(2)}\n`);
    const { lines } = await file.look();
    expect(lines.map((one) => one.message?.length ?? one.step)).toEqual([1, message.length, 2]);
  });
});
