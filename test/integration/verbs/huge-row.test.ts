import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { longhandJson } from '../../fixtures/process.ts';
import { run, temporaryFolder } from '../../unit/verbs/run.ts';

/** Characters of one chain: more than the heap of a thread holds. */
const LONG = 200_000_000;

// It writes and reads some 900 MB.
test('a chain of 200 MB among thousands is exported whole, though no thread can make its row', {
  timeout: 600_000,
}, async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const file = join(dataset, 'rounds', '0-handwritten', 'chains.jsonl');
  const [line = ''] = (await readFile(file, 'utf8')).split('\n');
  const first = JSON.parse(line) as object;
  const chainLine = (id: string, text: string): string => {
    const segments = [{ piece: 'trace', start: 0, end: text.length, train: true }];
    return `${JSON.stringify({ ...first, id, text, segments, spans: [] })}\n`;
  };
  const short = Array.from({ length: 2500 }, (_, i) => chainLine(`short-${i}`, `It is ${i}. \\boxed{${i}}`));
  const text = 'So 2 + 2 = 4. '.repeat(LONG / 14);
  await appendFile(file, [...short.slice(0, 1000), chainLine('long', text), ...short.slice(1000)].join(''));
  const args = ['export', dataset, '--select', 'all', '--form', 'sharegpt'];
  const { folder, chains } = await longhandJson<VerbResult<'export'>>(...args);
  const rows = (await readFile(join(folder, 'train.sharegpt.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(rows).toHaveLength(chains);
  const answers = rows
    .filter((row) => row.length > LONG)
    .map((row) => (JSON.parse(row) as { conversations: { value: string }[] }).conversations[1]?.value);
  expect(answers.map((answer) => answer === text)).toEqual([true]);
  expect(await readdir(join(dataset, 'exports'))).toEqual(['all-sharegpt']);
});
