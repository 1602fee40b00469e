import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepValues } from '../../../src/protocol/step-values.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { STEP_VALUES_FILE, StepValuesFiles } from '../../../src/store/lines/step-values.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const valuesOf = (chainId: string, samples: number): StepValues => ({
  ...{ chainId, text: 'hash', at: `2026-12-01T00:00:0${samples}Z`, host: 'h', model: 'm', steps: 3, places: [] },
  ...{ before: 0.5, after: 0.1, samples },
});

test('step values are read when they are asked for, and what is new in a file is found', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, STEP_VALUES_FILE);
  const files = new StepValuesFiles();
  const samples = async (chain: string) => (await files.of([folder], chain, 'hash'))?.samples;
  expect(await samples('a')).toBeUndefined();
  await appendLines(path, [valuesOf('a', 1), valuesOf('b', 2)]);
  expect(await samples('a')).toBe(1);
  // A killed writer's line, and a later line of the same chain.
  await writeFile(path, `${await readFile(path, 'utf8')}{"chainId":"c`);
  expect(await samples('b')).toBe(2);
  await appendLines(path, [valuesOf('b', 3), valuesOf('c', 4)]);
  expect([await samples('a'), await samples('b'), await samples('c')]).toEqual([1, 3, 4]);
  expect(await files.of([folder], 'a', 'another text')).toBeUndefined();
  // Values of an edited text replace none of the chain's own.
  await appendLines(path, [{ ...valuesOf('b', 5), text: 'edited' }]);
  expect([await samples('b'), (await files.of([folder], 'b', 'edited'))?.samples]).toEqual([3, 5]);

  // Only places are kept in memory: a line is as it is in the file now.
  const { atime, mtime } = await stat(path);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"samples":1', '"samples":7'));
  await utimes(path, atime, mtime);
  expect(await samples('a')).toBe(7);
});
