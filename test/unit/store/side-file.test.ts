import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asBatch } from '../../../src/core/review/batch.ts';
import { SideFile, sideFileOf, sideKey } from '../../../src/store/side-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { act } from './fixtures.ts';

test('a batch that a killed process has not finished does not count, and a whole one does', async () => {
  const file = join(await temporaryFolder(), 'a.jsonl');
  await writeFile(file, '{}\n');
  const key = sideKey('1', 'text');
  const side = await SideFile.open(file);
  await side.append(
    asBatch([act('r1', key, { act: 'accept' }), act('r1', sideKey('2', 'text'), { act: 'reject' })], 'b1'),
  );
  const [torn] = asBatch([act('r1', key, { act: 'reject' }), act('r1', key, { act: 'skip' })], 'b2');
  await appendFile(sideFileOf(file), `${JSON.stringify(torn)}\n`);
  const again = await SideFile.open(file);
  expect(again.acts(key).map(({ act: kind }) => kind)).toEqual(['accept']);
  expect(again.keys).toHaveLength(2);
});
