import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { viewAddress, viewedFile } from '../../../src/protocol/view-address.ts';
import { file, run, temporaryFolder } from '../../unit/verbs/run.ts';

/** A folder with a program `code` that stores its arguments. */
async function editor(): Promise<{ folder: string; args: () => Promise<string[]> }> {
  const folder = await temporaryFolder();
  const stored = join(folder, 'args');
  await writeFile(join(folder, 'code'), `#!/bin/sh\nprintf '%s\\n' "$@" > '${stored}'\n`);
  await chmod(join(folder, 'code'), 0o755);
  return { folder, args: async () => (await readFile(stored, 'utf8')).trimEnd().split('\n') };
}

test('view opens a file in the editor by an address', async () => {
  const path = await file('a b+c&d%20é.jsonl', [{ problem: 'What is 1+1?', response: 'It is 2.' }]);
  const { folder, args } = await editor();
  const result = await run('view', { file: path }, { env: { PATH: folder } });
  expect(result).toEqual({ file: path, program: join(folder, 'code') });
  expect(await args()).toEqual(['--open-url', viewAddress('vscode', path)]);
  const address = new URL((await args())[1] ?? '');
  expect(viewedFile({ path: address.pathname, query: address.search.slice(1) })).toBe(path);
});

test('an address of another kind opens nothing', () => {
  expect(viewedFile({ path: '/view', query: 'file=/etc/hosts' })).toBeUndefined();
  expect(viewedFile({ path: '/other', query: 'file=YQ' })).toBeUndefined();
  // Relative, and on another computer.
  for (const file of ['a.jsonl', '../a.jsonl', '//host/share/a.jsonl', '\\\\host\\share\\a.jsonl', ''])
    expect(viewedFile({ path: '/view', query: `file=${Buffer.from(file).toString('base64url')}` })).toBeUndefined();
});

test('without an editor, view shows what to do; a file that can’t be read is reported first', async () => {
  const path = await file('a.jsonl', [{ text: 'a' }]);
  const opening = run('view', { file: path }, { env: { PATH: await temporaryFolder() } });
  await expect(opening).rejects.toMatchObject({ advice: expect.stringContaining('Open With…') });
  const { folder } = await editor();
  const torn = run('view', { file: await file('a.parquet', 'PAR1 torn') }, { env: { PATH: folder } });
  await expect(torn).rejects.toThrow('not a complete Parquet file');
});
