import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Journal } from '../../../src/runner/calls/journal.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const Line = z.object({ key: z.string(), text: z.string() });

it('a journal finds its lines, in this run and the next, behind an incomplete line of a killed writer', async () => {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  await (await Journal.open(path, Line)).append({ key: 'a', text: 'first' });
  await appendFile(path, '{"key":"torn","te');
  const journal = await Journal.open(path, Line);
  expect([journal.has('a'), journal.has('torn')]).toEqual([true, false]);
  const lines = [1, 2, 3].map((n) => ({ key: `k${n}`, text: `ä🙂 ${n}` }));
  await Promise.all(lines.map((line) => journal.append(line)));
  for (const line of lines) expect(await journal.get(line.key)).toEqual(line);
  const again = await Journal.open(path, Line);
  for (const line of lines) expect(await again.get(line.key)).toEqual(line);
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(6);
});

it.skipIf(process.platform === 'win32')('removes the reserve of a killed writer at its first write', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'journal.jsonl');
  const module = resolve(import.meta.dirname, '../../../src/runner/calls/journal.ts');
  const code = `
    import { z } from 'zod';
    import { Journal } from ${JSON.stringify(module)};
    const journal = await Journal.open(${JSON.stringify(path)}, z.object({ key: z.string() }));
    await journal.append({ key: 'a' });
    process.stdout.write('written');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  await new Promise((done) => child.stdout.once('data', done));
  child.kill('SIGKILL');
  await ended;
  const reserves = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
  expect(await reserves()).toHaveLength(1);
  const journal = await Journal.open(path, z.object({ key: z.string() }));
  // Plans open the journal without its lock: nothing is removed yet.
  expect(await reserves()).toHaveLength(1);
  await journal.append({ key: 'b' });
  await journal.settled();
  expect(await reserves()).toEqual([]);
});

it('reports the number of unreadable lines, whose calls are made again', async () => {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  await (await Journal.open(path, Line)).append({ key: 'a', text: 'first' });
  await appendFile(path, '{"key":"b","text":\n');
  const log: string[] = [];
  await Journal.open(path, Line, (text) => log.push(text));
  await appendFile(path, '{"text":"no key"}\n');
  await Journal.open(path, Line, (text) => log.push(text));
  expect(log).toEqual([
    "1 line of journal.jsonl can't be read; its call is made again.",
    "2 lines of journal.jsonl can't be read; their calls are made again.",
  ]);
});
