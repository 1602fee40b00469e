import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { act } from '../../unit/store/fixtures.ts';
import { open, run, temporaryFolder } from '../../unit/verbs/run.ts';
import { missing, python, suite } from './python.ts';

/** A sample with an edit, an override and characters beyond the first plane, exported in both formats. */
async function exported(files: 'jsonl' | 'both'): Promise<string> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  for (const [at, { id }] of opened.index.chains().slice(0, 30).entries()) {
    if (at % 7 === 0)
      await opened.appendReview(act('r1', id, { act: 'edit', changes: [{ start: 0, end: 0, insert: '𝔸 é \u2028 ' }] }));
    if (at % 5 === 0)
      await opened.appendReview(act('r1', id, { act: 'override', outcome: 'correct', reason: 'by hand' }));
    await opened.appendReview(act('r1', id, { act: 'accept' }));
  }
  return (await run('export', { dataset, select: 'accepted', files })).folder;
}

/** Members that are absent in JSON are null in Parquet. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

describe.skipIf(missing !== undefined)(suite('an export in Python'), { timeout: 240_000 }, () => {
  test.each(['messages', 'prompt_completion', 'prefix'])(
    'datasets and pandas read the rows of %s as written',
    async (config) => {
      const folder = await exported('both');
      const lines = (await readFile(join(folder, `train.${config}.jsonl`), 'utf8')).trim().split('\n');
      const written = lines.map((line) => withoutNulls(JSON.parse(line)));
      const read = JSON.parse(await python('read_sets.py', [folder, config])) as Record<string, unknown>;
      // By the card, with its features.
      expect(withoutNulls(read.card)).toEqual(written);
      expect(withoutNulls(read.datasets)).toEqual(written);
      expect(withoutNulls(read.pandas)).toEqual(written);
    },
  );

  test('datasets reads JSONL by the card too, in which members may be absent', async () => {
    const folder = await exported('jsonl');
    const lines = (await readFile(join(folder, 'train.messages.jsonl'), 'utf8')).trim().split('\n');
    const read = JSON.parse(await python('read_sets.py', [folder, 'messages'])) as Record<string, unknown>;
    expect(withoutNulls(read.card)).toEqual(lines.map((line) => withoutNulls(JSON.parse(line))));
    expect(read.datasets).toBeUndefined();
  });
});
