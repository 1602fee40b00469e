import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { filterContextOf } from '../../../src/store/benchmarks.ts';
import { gradingRows } from '../../../src/store/gradings.ts';

test('damaged lines of benchmarks are logged with file, lines and advice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhand-'));
  await mkdir(join(folder, 'benchmarks'));
  await writeFile(join(folder, 'benchmarks', 'a.jsonl'), '{"problem":"What is 1 + 1?"}\n{"pro\n{"id":1}\n');
  const logged: string[] = [];
  const context = await filterContextOf(folder, FilterSettings.parse({}), (text) => logged.push(text));
  expect(context.benchmarks).toBeDefined();
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(
    /^2 lines of benchmarks\/a\.jsonl can't be used: 2, 3\. .*decontaminated.*correct or remove/,
  );
});

test('damaged rows of a grading are logged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhand-'));
  await writeFile(join(folder, 'rows.jsonl'), '{"kind":\n');
  const logged: string[] = [];
  const rows: unknown[] = [];
  for await (const row of gradingRows(folder, (text) => logged.push(text))) rows.push(row);
  expect(rows).toEqual([]);
  expect(logged[0]).toMatch(/^1 line of .*rows\.jsonl can't be used: 1\. /);
});
