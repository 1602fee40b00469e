import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findDatasets } from '../../../src/editor/dataset/find-datasets.ts';
import { RunnerState } from '../../../src/protocol/runner.ts';
import { endOfLog } from '../../../src/serving/failure.ts';
import { Dataset } from '../../../src/store/dataset.ts';
import { appendLines, readJson, readLineAt, readLines, readText } from '../../../src/store/lines/files.ts';
import { FollowedLines } from '../../../src/store/lines/follow.ts';
import { openSource } from '../../../src/store/source/index.ts';
import { isWhole } from '../../../src/trainers/runs/checkpoints.ts';
import { chain, newDataset, plan, problem, temporaryFolder } from '../../unit/store/fixtures.ts';
import { run } from '../../unit/verbs/run.ts';

const LIMIT = 5_000;

/** Makes something at `path` that is neither a regular file nor absent. */
const KINDS: Record<string, (path: string) => Promise<unknown>> = {
  'a FIFO': async (path) => execFileSync('mkfifo', [path]),
  'a link to a FIFO': async (path) => {
    execFileSync('mkfifo', [`${path}.target`]);
    await symlink(`${path}.target`, path);
  },
  'a link to a device': (path) => symlink('/dev/zero', path),
  'a socket': (path) =>
    new Promise<void>((resolve, reject) => {
      const server = createServer().on('error', reject).unref();
      server.listen(path, resolve);
    }),
  'a folder': (path) => mkdir(path),
  'a link to a folder': (path) => symlink('/', path),
};

const READERS: Record<string, (path: string) => Promise<unknown>> = {
  readText,
  readLines: async (path) => {
    for await (const _ of readLines(path)) break;
  },
  readLineAt: (path) => readLineAt(path, 0, 10),
  openSource,
  FollowedLines: (path) => new FollowedLines(path, RunnerState).next(),
};

describe.skipIf(process.platform === 'win32')('a path that is no regular file is never read', () => {
  describe.each(Object.entries(KINDS))('%s', (_kind, make) => {
    test.each(Object.entries(READERS))(
      '%s refuses it with advice',
      async (_name, read) => {
        const path = join(await temporaryFolder(), 'x.jsonl');
        await make(path);
        const refused = { message: expect.stringMatching(/x\.jsonl: it is an? /), advice: expect.stringMatching(/\w/) };
        await expect(read(path)).rejects.toMatchObject(refused);
        expect(await readJson(path, RunnerState)).toBeUndefined();
      },
      LIMIT,
    );

    test(
      'in a dataset it is listed as damaged and hides nothing else',
      async () => {
        const dataset = await newDataset();
        await dataset.createRound(plan('0-first'));
        await dataset.createRound(plan('1-second'));
        await appendLines(join(dataset.problemsFolder, 'b.jsonl'), [problem('p1')]);
        await dataset.appendChains('0-first', [chain('c1')]);
        await make(join(dataset.problemsFolder, 'a.jsonl'));
        const second = dataset.roundFolder('1-second');
        for (const name of ['chains.jsonl', 'grades.jsonl', 'runner.json', 'runner.lock', 'summary.json']) {
          await make(join(second, name));
        }
        const opened = await Dataset.open(dataset.folder);
        expect(opened.index.problems().map(({ id }) => id)).toEqual(['p1']);
        expect(opened.index.chains().map(({ id }) => id)).toEqual(['c1']);
        expect((await opened.roundStatuses()).map(({ round }) => round)).toContain('0-first');
        await opened.close();
      },
      LIMIT,
    );

    test(
      'as settings, log or checkpoint it causes no crash and no wait',
      async () => {
        const folder = await temporaryFolder();
        await make(join(folder, 'longhand.json'));
        await expect(Dataset.open(folder)).rejects.toThrow(/longhand\.json/);
        await findDatasets([folder]);
        await make(join(folder, 'log.txt'));
        expect(await endOfLog(join(folder, 'log.txt'))).toBe('');
        await mkdir(join(folder, 'checkpoint'));
        await writeFile(join(folder, 'checkpoint', 'trainer_state.json'), '{"global_step": 5}');
        await make(join(folder, 'checkpoint', 'model.safetensors'));
        expect(await isWhole(join(folder, 'checkpoint'), 5)).toBe(false);
      },
      LIMIT,
    );

    test(
      'nothing is appended to it',
      async () => {
        const path = join(await temporaryFolder(), 'x.jsonl');
        await make(path);
        await expect(appendLines(path, [{ a: 1 }])).rejects.toThrow(/x\.jsonl/);
      },
      LIMIT,
    );
  });
});

describe.skipIf(process.platform === 'win32')('exports', () => {
  test.each(['exports', 'exports/passed'])('are not written where %s is a symbolic link', async (name) => {
    const dataset = await newDataset();
    await appendLines(join(dataset.problemsFolder, 'a.jsonl'), [problem('p1')]);
    await dataset.createRound(plan('0-first'));
    await dataset.appendChains('0-first', [chain('c1')]);
    const outside = await temporaryFolder();
    await rm(dataset.exportsFolder, { recursive: true, force: true });
    if (name !== 'exports') await mkdir(dataset.exportsFolder);
    await symlink(outside, join(dataset.folder, name));
    await expect(run('export', { dataset: dataset.folder, select: 'passed', name: 'passed' })).rejects.toMatchObject({
      kind: 'symbolic-link',
    });
    expect(await readdir(outside)).toEqual([]);
  });

  test.each(['problems', 'benchmarks'])('nor are imports where %s is one', async (name) => {
    const dataset = await newDataset();
    const outside = await temporaryFolder();
    await rm(join(dataset.folder, name), { recursive: true, force: true });
    await symlink(outside, join(dataset.folder, name));
    const file = join(await temporaryFolder(), 'in.jsonl');
    await writeFile(file, '{"problem":"What is 1+1?","answer":"2"}\n');
    const benchmark = name === 'benchmarks';
    await expect(run('import', { dataset: dataset.folder, file, benchmark })).rejects.toMatchObject({
      kind: 'symbolic-link',
    });
    expect(await readdir(outside)).toEqual([]);
  });
});
