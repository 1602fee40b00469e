import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobFile } from '../../../src/engines/engine.ts';
import { attemptFolder, runFolder } from '../../../src/store/runs.ts';
import { ended, folder, jobSpec, localPlace, NEVER } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

describe('a job with hostile names', () => {
  test.each(['../x', '..', '.', '', 'a/b', 'a\\b', '.hidden', 'a\0b', 'c:x'])('is refused as run %j', async (runId) => {
    const { engine, dataset } = await localPlace();
    await expect(engine.submit(jobSpec({ runId }), NEVER)).rejects.toMatchObject({ kind: 'bad-name' });
    expect(await readdir(dataset)).toEqual([]);
  });

  test.each(['../x', '/etc/x', 'a/../../x', 'a//b', '', '.', 'a\\..\\x', 'C:\\x', 'a\nb', './a', 'a/'])(
    'is refused with a file %j',
    async (path) => {
      const { submit, dataset } = await localPlace();
      await expect(submit({ files: [{ path, content: '' }] })).rejects.toMatchObject({ kind: 'refused' });
      expect(await readdir(dataset)).toEqual([]);
    },
  );

  test.each([
    ['no command', { command: [] }],
    ['an empty program', { command: [''] }],
    ['a null character', { command: ['x', 'a\0b'] }],
    ['an invalid variable name', { env: { 'A=B': '' } }],
    [
      'a file twice',
      {
        files: [
          { path: 'a', content: '' },
          { path: 'A', content: '' },
        ] as JobFile[],
      },
    ],
  ])('is refused with %s', async (_, rest) => {
    const { submit } = await localPlace();
    await expect(submit(rest)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('may have arguments and variables with shell characters', async () => {
    const { engine, submit } = await localPlace();
    const handle = await submit({ runId: `-rf $(id) 'x" ; 三`, files: [{ path: '-n $(id)/三 ".txt', content: 'x' }] });
    expect(await ended(engine, handle)).toMatchObject({ state: 'succeeded' });
  });
});

describe('symbolic links in the dataset', () => {
  const LINKED: [string, (dataset: string, outside: string) => Promise<string>][] = [
    [
      'the folder of runs',
      async (dataset, outside) => {
        await symlink(outside, join(dataset, 'runs'));
        return outside;
      },
    ],
    [
      'the run',
      async (dataset, outside) => {
        await mkdir(join(dataset, 'runs'));
        await symlink(outside, runFolder(dataset, 'run-1'));
        return outside;
      },
    ],
    [
      'the folder of the job',
      async (dataset, outside) => {
        await symlink(outside, join(await folder(runFolder(dataset, 'run-1')), 'job'));
        return outside;
      },
    ],
    [
      'a file of the job',
      async (dataset, outside) => {
        const job = await folder(join(runFolder(dataset, 'run-1'), 'job'));
        await writeFile(join(outside, 'target'), 'theirs');
        await symlink(join(outside, 'target'), join(job, 'x.yaml'));
        return outside;
      },
    ],
    [
      'the log',
      async (dataset, outside) => {
        const attempt = await folder(attemptFolder(dataset, 'run-1', 1));
        await writeFile(join(outside, 'target'), 'theirs');
        await symlink(join(outside, 'target'), join(attempt, 'log.txt'));
        return outside;
      },
    ],
    [
      'the state',
      async (dataset, outside) => {
        const attempt = await folder(attemptFolder(dataset, 'run-1', 1));
        await symlink(join(outside, 'new'), join(attempt, 'state.json'));
        return outside;
      },
    ],
  ];

  test.each(LINKED)('are refused: %s', async (_, prepare) => {
    const { submit, dataset } = await localPlace();
    const outside = await prepare(dataset, await temporaryFolder());
    const before = await readdir(outside);
    await expect(submit({ files: [{ path: 'x.yaml', content: 'ours' }] })).rejects.toMatchObject({
      kind: 'symbolic-link',
    });
    expect(await readdir(outside)).toEqual(before);
    if (before.includes('target')) expect(await readFile(join(outside, 'target'), 'utf8')).toBe('theirs');
  });

  test('to a file of the dataset are not followed for copies', async () => {
    const { submit, dataset } = await localPlace();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'theirs');
    await symlink(join(outside, 'secret'), join(dataset, 'rows.jsonl'));
    const files = [{ path: 'rows.jsonl', source: join(dataset, 'rows.jsonl') }];
    await expect(submit({ files })).rejects.toMatchObject({ kind: 'symbolic-link' });
    await symlink(outside, join(dataset, 'exports'));
    const below = [{ path: 'rows.jsonl', source: join(dataset, 'exports', 'secret') }];
    await expect(submit({ files: below })).rejects.toMatchObject({ kind: 'symbolic-link' });
  });

  test('a folder or nothing in place of a file is reported', async () => {
    const { submit, dataset } = await localPlace();
    await expect(submit({ files: [{ path: 'a', source: dataset }] })).rejects.toMatchObject({ kind: 'unusable' });
    const missing = [{ path: 'a', source: join(dataset, 'missing') }];
    await expect(submit({ files: missing })).rejects.toMatchObject({ kind: 'unusable' });
  });

  test('a file that is in the folder of the job already stays', async () => {
    const { engine, submit, dataset } = await localPlace();
    const path = join(await folder(join(runFolder(dataset, 'run-1'), 'job')), 'x.yaml');
    await writeFile(path, 'edited by hand');
    await ended(engine, await submit({ files: [{ path: 'x.yaml', source: path }] }));
    expect(await readFile(path, 'utf8')).toBe('edited by hand');
  });
});
