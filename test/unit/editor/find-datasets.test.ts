import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findContents, findDatasets } from '../../../src/editor/dataset/find-datasets.ts';

let root = '';
const dataset = (path: string, text = '{"name":"Named"}') => {
  const file = join(root, path, 'longhand.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const found = async (...roots: string[]) =>
  (await findDatasets(roots)).map(({ folder, name }) => [folder.slice(root.length), name]);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'longhand-find-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('datasets in a workspace', () => {
  it('are found in the folder and two levels below it, once each', async () => {
    for (const path of ['a/b', 'c', 'a/b2/too/deep']) dataset(path);
    expect(await found(root, root, join(root, 'a'))).toEqual([
      ['/a/b', 'Named'],
      ['/c', 'Named'],
    ]);
    dataset('');
    expect(await found(root)).toEqual([['', 'Named']]);
  });

  it('are not searched for in hidden folders, packages or missing folders', async () => {
    for (const path of ['.git', 'node_modules/x']) dataset(path);
    expect(await found(root, join(root, 'gone'))).toEqual([]);
  });

  it('are called by their folder when their settings have no readable name', async () => {
    for (const [path, text] of Object.entries({ broken: '{"name"', none: '{}', blank: '{"name":" "}', other: '[1]' })) {
      dataset(path, text);
    }
    expect(await found(root)).toEqual([
      ['/blank', 'blank'],
      ['/broken', 'broken'],
      ['/none', 'none'],
      ['/other', 'other'],
    ]);
  });
});

describe('steps of the walkthrough', () => {
  const write = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  };

  it('are done when a dataset has imported problems, an export and an evaluation that ended', async () => {
    write('a/problems/sample.jsonl');
    write('a/exports/.draft/train.jsonl');
    write('a/evaluations/1/plan.json');
    const folders = [join(root, 'a'), join(root, 'b')];
    expect(await findContents(folders)).toEqual({ problems: false, exports: false, evaluations: false });
    write('b/problems/gsm8k.jsonl');
    write('b/exports/first/train.jsonl');
    write('a/evaluations/1/scores.json');
    expect(await findContents(folders)).toEqual({ problems: true, exports: true, evaluations: true });
  });
});
