import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Journal } from '../../../src/runner/journal.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const Line = z.object({ key: z.string(), text: z.string() });

it('a journal finds what it wrote, in this run and the next, behind a line that a killed writer left torn', async () => {
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
