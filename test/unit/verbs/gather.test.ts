// SCRIPTED engines: a finished job with more results than one read returns, and one with an incomplete log.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import { gather } from '../../../src/verbs/sampling/batch/gather.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const handle = { engine: 'ray' as const, jobId: 'j', runId: 'r', attempt: 1 };

function over(log: readonly string[] = []): Engine {
  return {
    name: 'ray',
    probe: async () => ({}),
    handle: () => handle,
    submit: async () => handle,
    status: async () => ({ state: 'succeeded' }),
    tail: async function* () {
      for (const text of log) yield { text, offset: 0 };
    },
    stop: async () => {},
    list: async () => [],
  };
}

test('reads the whole file of a finished run', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'results.jsonl');
  const mebibyte = `${'x'.repeat(2 ** 20 - 1)}\n`;
  const file = await open(path, 'w');
  for (let i = 0; i < 130; i++) await file.write(mebibyte);
  await file.write('last\n');
  await file.close();
  let lines = 0;
  let last = '';
  const onLine = async (line: string): Promise<void> => {
    lines += 1;
    last = line;
  };
  const { whole } = await gather({ engine: over(), handle, file: path, onLine, signal: new AbortController().signal });
  expect([lines, last, whole]).toEqual([131, 'last', true]);
  await writeFile(path, '');
});

const frame = (value: object): string => `@@LONGHAND ${JSON.stringify(value)}\n`;
const answer = frame({ file: 'results.jsonl', at: 0, text: 'one\n' });

test.each([
  ['its end', [answer, frame({ t: 1, event: 'end', step: 1, total: 1 })], true],
  ['its error', [answer, frame({ t: 1, event: 'error', message: 'no' })], true],
  ['neither', [answer], false],
  [
    'a gap',
    [frame({ file: 'results.jsonl', at: 9, text: 'x\n' }), frame({ t: 1, event: 'end', step: 1, total: 1 })],
    false,
  ],
])('a log with %s', async (_what, log, expected) => {
  const onLine = async (): Promise<void> => {};
  const { whole } = await gather({ engine: over(log), handle, onLine, signal: new AbortController().signal });
  expect(whole).toBe(expected);
});
