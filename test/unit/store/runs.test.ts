import { cp, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listRuns, readRun } from '../../../src/store/runs.ts';
import { runRecord, storedRun } from '../../fixtures/training-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('a run', () => {
  test('is read by its own name only: the engine does not know a copied folder', async () => {
    const root = await temporaryFolder();
    const { folder } = await storedRun(root, runRecord('first'));
    await cp(folder, join(root, 'runs', 'copy'), { recursive: true });
    expect((await readRun(root, 'first')).record.id).toBe('first');
    await expect(readRun(root, 'copy')).rejects.toMatchObject({ kind: 'bad-plan' });
    expect((await listRuns(root)).map(({ record }) => record.id)).toEqual(['first']);
  });

  test('is refused when its folder is a link out of the dataset', async () => {
    const root = await temporaryFolder();
    const elsewhere = join(await temporaryFolder(), 'first');
    const { folder } = await storedRun(root, runRecord('first'));
    await rename(folder, elsewhere);
    await mkdir(join(root, 'runs'), { recursive: true });
    await symlink(elsewhere, join(root, 'runs', 'first'));
    await expect(readRun(root, 'first')).rejects.toMatchObject({ kind: 'symbolic-link' });
  });
});
