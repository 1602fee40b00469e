import {
  appendFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { foldActs } from '../../../src/core/review/index.ts';
import { ReviewAct } from '../../../src/core/schemas/index.ts';
import { CACHE_FOLDER } from '../../../src/store/chain-index/cache.ts';
import type { DatasetIndex } from '../../../src/store/chain-index/dataset-index.ts';
import { countFacets, queryChains } from '../../../src/store/chain-index/dataset-query.ts';
import { Dataset } from '../../../src/store/dataset.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { act, chain, grade, newDataset, plan, problem, temporaryFolder } from './fixtures.ts';

/** The content of an index, to compare two of them. */
function everything(index: DatasetIndex): unknown {
  return {
    problems: index.problems(),
    chains: index.chains(),
    grades: index.problems().map(({ id }) => index.passRate(id)),
    reviews: index.chains().map(({ id }) => [index.decision(id), ...index.review(id).reviewers]),
    bad: index.badRows(),
  };
}

/** Expects the content of a new index of the same files. */
async function expectTrue(dataset: Dataset): Promise<void> {
  await dataset.refresh();
  const copy = join(dataset.folder, '.cache', 'aside');
  const cache = join(dataset.folder, CACHE_FOLDER);
  const saved = await stat(cache).catch(() => undefined);
  if (saved) await rename(cache, copy);
  const fresh = await Dataset.open(dataset.folder);
  expect(everything(dataset.index)).toEqual(everything(fresh.index));
  if (saved) await rename(copy, cache);
}

async function filled(log?: (text: string) => void): Promise<Dataset> {
  const dataset = await newDataset('test', log);
  await appendLines(join(dataset.problemsFolder, 'a.jsonl'), [
    problem('p1', { level: 1, topic: 'algebra' }),
    problem('p2', { level: 'hard' }),
  ]);
  await dataset.createRound(plan('0-first'));
  await dataset.appendChains('0-first', [
    chain('a'),
    chain('b', { problemId: 'p2', class: 'TT' }),
    chain('c', { passed: false, filters: [{ id: 'one-box', passed: false, value: 2, threshold: 1 }] }),
  ]);
  await dataset.refresh();
  return dataset;
}

describe('the index', () => {
  test('a later line of a chain replaces the earlier one and keeps its position', async () => {
    const dataset = await filled();
    await dataset.appendChains('0-first', [chain('a', { class: 'TF' })]);
    await dataset.refresh();
    expect(dataset.index.chains().map((row) => `${row.id} ${row.class}`)).toEqual(['a TF', 'b TT', 'c FT']);
  });

  test('a pass rate counts the graded first answers of all rounds', async () => {
    const dataset = await filled();
    await dataset.createRound(plan('1-second'));
    await dataset.appendGrades('0-first', [
      grade('k1', 'p1', 'correct'),
      grade('k2', 'p1', 'incorrect'),
      grade('k3', 'p1', 'timeout'),
      grade('k4', 'p1', 'correct', 'answer[2]'),
      grade('k2', 'p1', 'correct'),
    ]);
    await dataset.appendGrades('1-second', [grade('k1', 'p1', 'incorrect')]);
    await dataset.refresh();
    expect(dataset.index.passRate('p1')).toEqual({ attempts: 3, successes: 2 });
    expect(dataset.index.passRate('p2')).toBeUndefined();
  });

  test('chains over the quota and chains that a filter rejects are counted separately', async () => {
    const dataset = await filled();
    const none = { FT: 0, TT: 0, TF: 0, FF: 0 };
    await dataset.writeSummary('0-first', {
      ...{
        version: 1,
        round: '0-first',
        finishedAt: '2026-01-01T00:00:00Z',
        calls: 0,
        completionTokens: 0,
        seconds: 0,
      },
      ...{ problems: 2, problemsWithoutChain: 0, chains: 3, chainsPassed: 2, pairs: none, assembled: none, kept: none },
      quotaDropped: ['b'],
    });
    await dataset.refresh();
    expect(queryChains(dataset.index, parseQuery('filters = quota')).map((row) => row.id)).toEqual(['b']);
    expect(Object.fromEntries(countFacets(dataset.index).filters)).toEqual({ passed: 1, quota: 1, filtered: 1 });
  });

  test('a facet counts each of its values under the choices of all other facets', async () => {
    const { index } = await filled();
    const counts = countFacets(index, parseQuery('class = TT and round = 0-first'));
    expect(Object.fromEntries(counts.class)).toEqual({ FT: 2, TT: 1 });
    expect(Object.fromEntries(counts.level)).toEqual({ hard: 1 });
    expect(queryChains(index, parseQuery('failed = one-box')).map((row) => row.id)).toEqual(['c']);
    expect(queryChains(index, parseQuery('topic = algebra filters = passed')).map((row) => row.id)).toEqual(['a']);
  });

  test('decisions follow undo and redo, and one rejection outweighs acceptance', async () => {
    const dataset = await filled();
    const decisions = async (): Promise<string[]> => {
      await dataset.refresh();
      return [dataset.index.decision('a', 'r1'), dataset.index.decision('a')];
    };
    const accept = act('r1', 'a', { act: 'accept' });
    await dataset.appendReview(accept);
    expect(await decisions()).toEqual(['accepted', 'accepted']);
    await dataset.appendReview(act('r2', 'a', { act: 'reject' }));
    expect(await decisions()).toEqual(['accepted', 'rejected']);
    await dataset.appendReview(act('r1', 'a', { act: 'undo', target: accept.id }));
    expect(await decisions()).toEqual(['pending', 'rejected']);
    await dataset.appendReview(act('r1', 'a', { act: 'redo', target: accept.id }));
    expect(await decisions()).toEqual(['accepted', 'rejected']);
    expect(queryChains(dataset.index, parseQuery('decision = accepted'), { as: 'r1' }).map((row) => row.id)).toEqual([
      'a',
    ]);
  });

  test('chains are found by a verdict that their reviewer overruled, not by one that they agreed with', async () => {
    const dataset = await filled();
    const verdict = dataset.index.chain('a')?.outcome;
    expect(verdict).toBe('correct');
    await dataset.appendReview(act('r1', 'a', { act: 'override', outcome: 'correct', reason: 'checked' }));
    await dataset.refresh();
    expect(queryChains(dataset.index, parseQuery('overruled = correct'), { as: 'r1' })).toEqual([]);
    await dataset.appendReview(act('r1', 'a', { act: 'override', outcome: 'incorrect', reason: 'by luck' }));
    await dataset.refresh();
    const found = (as: string) =>
      queryChains(dataset.index, parseQuery('overruled = incorrect'), { as }).map((row) => row.id);
    expect([found('r1'), found('r2')]).toEqual([['a'], []]);
    expect(Object.fromEntries(countFacets(dataset.index, [], { as: 'r1' }).overruled)).toEqual({ incorrect: 1 });
  });

  test('chains are found by their wrong steps, by reviewer and after an undo', async () => {
    const dataset = await filled();
    const found = async (query: string, as?: string): Promise<string[]> => {
      await dataset.refresh();
      return queryChains(dataset.index, parseQuery(query), { as }).map((row) => row.id);
    };
    const wrong = act('r1', 'a', { act: 'first-wrong-step', place: { start: 0, end: 4 } });
    await dataset.appendReviews([wrong]);
    expect(await found('steps = wrong', 'r1')).toEqual(['a']);
    expect(await found('steps = wrong', 'r2')).toEqual([]);
    await dataset.appendReview(act('r2', 'a', { act: 'first-wrong-step', place: 'none' }));
    expect(await found('steps = right', 'r2')).toEqual(['a']);
    // Of all reviewers, the most careful one counts.
    expect(await found('steps = right')).toEqual([]);
    expect(await found('steps = wrong')).toEqual(['a']);
    expect(Object.fromEntries(countFacets(dataset.index, []).steps)).toEqual({ wrong: 1 });
    await dataset.appendReview(act('r1', 'a', { act: 'undo', target: wrong.id }));
    expect(await found('steps = wrong')).toEqual([]);
  });

  test('levels and topics are one facet for all spellings', async () => {
    const dataset = await newDataset();
    const written = [
      { level: 'Level 5', topic: 'Algebra' },
      { level: '5', topic: 'algebra' },
      { level: 5, topic: ' algebra ' },
      { level: 'Level 10', topic: 'Number  theory' },
    ];
    const problems = written.map((one, i) => problem(`p${i}`, one));
    await appendLines(join(dataset.problemsFolder, 'a.jsonl'), problems);
    await dataset.createRound(plan('0-first'));
    await dataset.appendChains(
      '0-first',
      problems.map(({ id }) => chain(`c-${id}`, { problemId: id })),
    );
    await dataset.refresh();
    const { level, topic } = countFacets(dataset.index);
    expect(Object.fromEntries(level)).toEqual({ 5: 3, 10: 1 });
    expect(Object.fromEntries(topic)).toEqual({ algebra: 3, 'number theory': 1 });
    // Numbers, for ranges; a choice stored by an earlier version still matches.
    expect(dataset.index.problem('p0')?.level).toBe(5);
    expect(queryChains(dataset.index, parseQuery('level = "Level 5" and topic = ALGEBRA'))).toHaveLength(3);
    expect((await dataset.problem('p0')).topic).toBe('algebra');
    await dataset.close();
  });

  test('invalid lines are listed with the reason', async () => {
    const dataset = await filled();
    await appendFile(join(dataset.problemsFolder, 'a.jsonl'), '{"id":"x","problem":"?"}\nnonsense\n');
    await dataset.refresh();
    expect(
      dataset.index
        .badRows()
        .flat()
        .map((line) => line.reason),
    ).toEqual([expect.stringMatching(/^answer: /), expect.stringMatching(/not valid JSON/)]);
  });
});

describe('refreshing from the files', { timeout: 60_000 }, () => {
  test('equals a new index after any mix of appends, torn lines, edits and replacements', async () => {
    const step = fc.record({
      kind: fc.constantFrom('append', 'tear', 'truncate', 'replace', 'edit', 'close', 'delete-cache'),
      n: fc.nat({ max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        let dataset = await filled();
        const path = join(dataset.roundFolder('0-first'), 'chains.jsonl');
        for (const [i, { kind, n }] of steps.entries()) {
          if (kind === 'append') await dataset.appendChains('0-first', [chain(`n${n}`, { model: `m${i}` })]);
          else if (kind === 'tear') await appendFile(path, JSON.stringify(chain(`t${i}`)).slice(0, -2));
          else if (kind === 'truncate') await writeFile(path, `${JSON.stringify(chain('a'))}\n`);
          else if (kind === 'edit') await writeFile(path, (await readFile(path, 'utf8')).replace('Let me see', `${i}`));
          else if (kind === 'delete-cache')
            await rm(join(dataset.folder, CACHE_FOLDER), { recursive: true, force: true });
          else if (kind === 'replace') {
            await rm(path);
            await appendLines(path, [chain(`r${n}`), chain('b')]);
          } else {
            await dataset.close();
            dataset = await Dataset.open(dataset.folder);
          }
          await expectTrue(dataset);
        }
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['edited in the middle, byte for byte', async (path: string, text: string) => writeFile(path, text)],
    [
      'replaced by a longer one with the same beginning',
      async (path: string, text: string) => {
        // A file system may give the inode of a deleted file to the next one; two files that exist at once have two.
        await writeFile(`${path}.new`, `${text}${JSON.stringify(chain('new'))}\n`);
        await rename(`${path}.new`, path);
      },
    ],
  ])('a large file that was %s is read and saved again', async (_, change) => {
    const dataset = await filled();
    const path = join(dataset.roundFolder('0-first'), 'chains.jsonl');
    await appendLines(
      path,
      Array.from({ length: 60 }, (_, i) => chain(`many-${i}`, { model: `model-${i}` })),
    );
    await dataset.refresh();
    await dataset.close();
    await change(path, (await readFile(path, 'utf8')).replace('"model":"model-30"', '"model":"other-30"'));
    await dataset.refresh();
    expect(dataset.index.chain('many-30')?.model).toBe('other-30');
    await dataset.close();
    const reopened = await Dataset.open(dataset.folder);
    expect(reopened.index.chain('many-30')?.model).toBe('other-30');
    await expectTrue(reopened);
  });

  test('two processes that save over each other both stay correct', async () => {
    const one = await filled();
    const two = await Dataset.open(one.folder);
    for (let i = 0; i < 4; i++) {
      await one.appendChains('0-first', [chain(`x${i}`)]);
      await one.refresh();
      await one.close();
      await two.appendChains('0-first', [chain(`y${i}`)]);
      await two.refresh();
      await two.close();
    }
    const reopened = await Dataset.open(one.folder);
    await expectTrue(reopened);
    expect(reopened.index.chains()).toHaveLength(3 + 8);
  });

  test.skipIf(process.platform === 'win32')('an unreadable file is reported, and hides no other', async () => {
    const dataset = await filled();
    await symlink(dataset.folder, join(dataset.problemsFolder, 'b.jsonl'));
    await dataset.refresh();
    expect(dataset.index.damaged()).toMatchObject([
      { file: 'problems/b.jsonl', whole: expect.stringContaining('a folder') },
    ]);
    expect(dataset.index.problems()).toHaveLength(2);
    await dataset.close();
    await rm(join(dataset.problemsFolder, 'b.jsonl'));
    await appendLines(join(dataset.problemsFolder, 'b.jsonl'), [problem('p3')]);
    const again = await Dataset.open(dataset.folder);
    expect(again.index.damaged()).toEqual([]);
    expect(again.index.problems()).toHaveLength(3);
  });

  test('the rows of a deleted file are removed', async () => {
    const dataset = await filled();
    await rm(join(dataset.problemsFolder, 'a.jsonl'));
    expect(await dataset.refresh()).toMatchObject({ problems: true, chains: false });
    expect(dataset.index.problems()).toEqual([]);
  });
});

describe('the saved index', () => {
  test('opening a dataset reads rows from it, not from unchanged files', async () => {
    const dataset = await filled();
    await dataset.close();
    // Same size, time and inode: reading the file again would give the other id.
    const path = join(dataset.folder, 'problems', 'a.jsonl');
    const { atime, mtime } = await stat(path);
    const text = await readFile(path, 'utf8');
    await utimes(path, atime, new Date(1_700_000_000_000));
    const settled = await Dataset.open(dataset.folder);
    await settled.close();
    await writeFile(path, text.replace('"id":"p1"', '"id":"q1"'));
    await utimes(path, atime, new Date(1_700_000_000_000));
    const again = await Dataset.open(dataset.folder);
    expect(again.index.problems().map(({ id }) => id)).toEqual(['p1', 'p2']);
    await utimes(path, atime, mtime);
    await again.refresh();
    expect(again.index.problems().map(({ id }) => id)).toEqual(['q1', 'p2']);
  });

  test.skipIf(process.platform === 'win32')('a .cache that is a link is not followed', async () => {
    const elsewhere = await temporaryFolder();
    const log: string[] = [];
    const dataset = await filled((text) => log.push(text));
    await symlink(elsewhere, join(dataset.folder, '.cache'));
    await dataset.close();
    expect(await readdir(elsewhere)).toEqual([]);
    expect(log.join()).toContain('.cache is a symbolic link');
    expect((await Dataset.open(dataset.folder)).index.chains()).toHaveLength(3);
  });

  test('saving does not recreate a dataset that was deleted while it was open', async () => {
    const dataset = await newDataset();
    await dataset.appendChains('0-a', [chain('a')]);
    await dataset.refresh();
    await rm(dataset.folder, { recursive: true });
    await dataset.close();
    expect(await stat(dataset.folder).catch(() => undefined)).toBeUndefined();
  });

  test('the dataset works from memory if it cannot be written', async () => {
    const log: string[] = [];
    const dataset = await filled((text) => log.push(text));
    await writeFile(join(dataset.folder, '.cache'), 'a file in its place');
    await dataset.close();
    expect(log.join()).toContain('cannot be saved');
    expect((await Dataset.open(dataset.folder)).index.chains()).toHaveLength(3);
  });

  test('what earlier versions saved is removed', async () => {
    const dataset = await filled();
    await mkdir(join(dataset.folder, '.cache'));
    await writeFile(join(dataset.folder, '.cache', 'index.sqlite'), 'SQLite format 3');
    await dataset.close();
    expect(await readdir(join(dataset.folder, '.cache'))).toEqual(['index']);
  });

  test('what is saved of a deleted file is removed', async () => {
    const dataset = await filled();
    await dataset.close();
    const before = await readdir(join(dataset.folder, CACHE_FOLDER));
    await rm(join(dataset.problemsFolder, 'a.jsonl'));
    await dataset.appendChains('0-first', [chain('d')]);
    await dataset.refresh();
    await dataset.close();
    expect(await readdir(join(dataset.folder, CACHE_FOLDER))).toHaveLength(before.length - 1);
  });

  test.each([
    ['is corrupt', async (saved: string) => writeFile(saved, 'XIHL and then nonsense'.repeat(200))],
    ['is empty', async (saved: string) => writeFile(saved, '')],
    ['is incomplete', async (saved: string) => writeFile(saved, (await readFile(saved)).subarray(0, -8))],
    ['is a folder', async (saved: string) => rm(saved).then(() => mkdir(saved))],
    ['has another version', async (saved: string) => changed(saved, (bytes) => bytes.writeUInt32LE(1, 4))],
    [
      'belongs to another dataset',
      async (saved: string) => {
        const other = await newDataset();
        await appendLines(join(other.problemsFolder, 'a.jsonl'), [problem('foreign')]);
        await other.createRound(plan('0-first'));
        await other.appendChains('0-first', [chain('foreign')]);
        await other.refresh();
        await other.close();
        await cp(join(other.folder, CACHE_FOLDER, basename(saved)), saved);
      },
    ],
    ['points outside of its file', async (saved: string) => changed(saved, placeOutside)],
  ])('one that %s is discarded and rebuilt', async (_, spoil) => {
    const dataset = await filled();
    await dataset.close();
    const before = everything(dataset.index);
    const log: string[] = [];
    for (const saved of await savedOf(dataset, ['problems/a.jsonl', 'rounds/0-first/chains.jsonl'])) await spoil(saved);
    const again = await Dataset.open(dataset.folder, { log: (text) => log.push(text) });
    expect(everything(again.index)).toEqual(before);
    expect(log).toHaveLength(2);
    await again.close();
    const third = await Dataset.open(dataset.folder, { log: (text) => log.push(text) });
    expect(everything(third.index)).toEqual(before);
    expect(log).toHaveLength(2);
  });

  test('any change of its bytes is found', async () => {
    const dataset = await filled();
    await dataset.close();
    const before = everything(dataset.index);
    const [saved = ''] = await savedOf(dataset, ['rounds/0-first/chains.jsonl']);
    const bytes = await readFile(saved);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        await writeFile(saved, other);
        expect(everything((await Dataset.open(dataset.folder)).index)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test('a hostile one with a matching checksum gives wrong rows at most', async () => {
    const dataset = await filled();
    await dataset.close();
    const [saved = ''] = await savedOf(dataset, ['rounds/0-first/chains.jsonl']);
    const bytes = await readFile(saved);
    const start = 16 + bytes.readUInt32LE(8);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        async (all) => {
          const other = Buffer.from(bytes);
          for (const [at, byte] of all) other[start + (at % (other.length - start))] = byte;
          other.writeUInt32LE(crc32(other.subarray(16)), 12);
          await writeFile(saved, other);
          const { index } = await Dataset.open(dataset.folder);
          for (const { id, file, offset, length } of index.chains()) {
            expect(file).toBe('rounds/0-first/chains.jsonl');
            expect(offset + length).toBeLessThanOrEqual((await stat(join(dataset.folder, file))).size);
            // An id that is no UTF-8 is not found.
            expect([id, undefined]).toContain(index.chain(id)?.id);
          }
          countFacets(index);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Where the rows of files are saved. */
async function savedOf(dataset: Dataset, files: readonly string[]): Promise<string[]> {
  const folder = join(dataset.folder, CACHE_FOLDER);
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'latin1');
    if (files.some((file) => text.includes(`"file":"${file}"}`))) found.push(join(folder, name));
  }
  return found;
}

async function changed(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  change(bytes);
  await writeFile(path, bytes);
}

/** Moves the first row far behind the end of its file, and makes the checksum match. */
function placeOutside(bytes: Buffer): void {
  const start = Math.ceil((16 + bytes.readUInt32LE(8)) / 8) * 8;
  bytes.writeDoubleLE(1e9, start);
  bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
}

test('decisions and overrides of the index equal those of the reader for any acts with undo and redo', {
  timeout: 60_000,
}, async () => {
  const dataset = await filled();
  const kinds = fc.constantFrom('accept', 'reject', 'skip', 'note', 'label', 'override', 'undo', 'redo');
  let chains = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ kind: kinds, back: fc.nat({ max: 3 }) }), { maxLength: 12 }),
      async (steps) => {
        const chainId = `c${chains++}`;
        const acts: ReviewAct[] = [];
        for (const { kind, back } of steps) {
          const target = acts.filter(({ act }) => act !== 'undo' && act !== 'redo').at(-1 - back)?.id ?? 'nothing';
          const content: Record<string, object> = {
            note: { text: 'hm' },
            label: { kind: 'subgoal', start: 0, end: 1 },
            override: { outcome: back === 0 ? 'incorrect' : 'unknown', reason: 'hm' },
          };
          const rest = content[kind] ?? {};
          const fields = { act: kind, ...rest, ...(kind === 'undo' || kind === 'redo' ? { target } : {}) };
          acts.push(
            ReviewAct.parse({ id: `${chainId}-${acts.length}`, at: 'now', reviewer: 'r1', chainId, ...fields }),
          );
        }
        await appendLines(dataset.reviewFile('r1'), acts);
        await dataset.refresh();
        const reader = foldActs({ ...chain(chainId), id: chainId }, acts);
        expect(dataset.index.decision(chainId, 'r1')).toBe(reader.decision);
        expect(dataset.index.override(chainId, 'r1')).toBe(reader.override?.outcome);
      },
    ),
    { numRuns: 100 },
  );
});
