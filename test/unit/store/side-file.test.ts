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

test('a refresh reads what others wrote, and not what this one wrote', async () => {
  const file = join(await temporaryFolder(), 'b.jsonl');
  const key = sideKey('1', 'text');
  const [one, other] = [await SideFile.open(file), await SideFile.open(file)];
  await one.append([act('r1', key, { act: 'accept' })]);
  expect(await one.refresh()).toBe(false);
  expect(await other.refresh()).toBe(true);
  // Both write before either reads.
  await Promise.all([one.append([act('r1', key, { act: 'skip' })]), other.append([act('r2', key, { act: 'reject' })])]);
  await Promise.all([one.refresh(), other.refresh()]);
  const kinds = (side: SideFile) =>
    side
      .acts(key)
      .map(({ act: kind }) => kind)
      .sort();
  expect(kinds(one)).toEqual(['accept', 'reject', 'skip']);
  expect(kinds(other)).toEqual(kinds(one));
});
