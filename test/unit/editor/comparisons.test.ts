import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { ComparisonNode } from '../../../src/editor/selections/comparisons.ts';
import {
  createComparison,
  lockComparison,
  type StoredComparison,
  writeFailure,
} from '../../../src/store/selections/comparisons.ts';
import { Steps } from '../../../src/store/selections/steps.ts';
import { PLAN } from '../../fixtures/selections.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { l10n } from './l10n.ts';

/** What VS Code gives: events, and items of a view as plain objects. */
class Emitter<T> {
  #listeners: ((value: T) => void)[] = [];
  readonly event = (listener: (value: T) => void) => {
    this.#listeners.push(listener);
    return { dispose: () => undefined };
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners = [];
  }
}
const created = new Emitter<unknown>();
vi.mock('vscode', () => ({
  ...{ l10n, env: { language: 'en' }, EventEmitter: Emitter },
  TreeItem: class {},
  ThemeIcon: class {
    id: string;
    constructor(id: string) {
      this.id = id;
    }
  },
  workspace: {
    createFileSystemWatcher: () => ({
      ...{ onDidCreate: created.event, onDidDelete: () => ({ dispose: () => undefined }) },
      dispose: () => undefined,
    }),
  },
}));
const { Comparisons, listComparisons } = await import('../../../src/editor/selections/comparisons.ts');
const { comparisonItem } = await import('../../../src/editor/selections/comparison-item.ts');

const lineOf = (node: ComparisonNode | undefined) => {
  if (node === undefined) throw new Error('no comparison');
  const { description, iconPath, tooltip } = comparisonItem(node);
  return { description, icon: (iconPath as { id: string }).id, tooltip };
};

async function storedComparison(): Promise<{ root: string; stored: StoredComparison }> {
  const root = await temporaryFolder();
  return { root, stored: await createComparison(root, PLAN, { problems: [[]] }) };
}

const step = async ({ folder }: StoredComparison, name: string): Promise<void> => {
  await (await Steps.open(folder, () => undefined)).step(name, z.object({}), async () => ({}));
};

test('a comparison runs, has failed or has not finished', async () => {
  const { root, stored } = await storedComparison();
  const ref = { folder: root, name: 'd' };
  const line = async () => lineOf((await listComparisons(ref))[0]);
  expect(await line()).toMatchObject({ description: 'not finished', icon: 'circle-outline' });
  const lock = await lockComparison(root, stored.folder);
  await step(stored, 'export a 1');
  expect(await line()).toMatchObject({ description: 'running, 1 of 48 steps', icon: 'sync~spin' });
  await lock.release();
  await writeFailure(stored.folder, new Error('The disk is full.'));
  const failed = await line();
  expect(failed).toMatchObject({ description: 'failed', icon: 'error' });
  expect(failed.tooltip).toContain('The disk is full.');
});

test('files of a comparison that can’t be read hide no other one', async () => {
  const { root, stored } = await storedComparison();
  await mkdir(join(stored.folder, 'runner.lock'));
  const [node] = await listComparisons({ folder: root, name: 'd' });
  expect(lineOf(node)).toMatchObject({ description: 'not finished' });
});

test('a comparison that runs is followed until it ends, and one that begins elsewhere is noticed', async () => {
  const { root, stored } = await storedComparison();
  const comparisons = new Comparisons();
  const changes: (string | undefined)[] = [];
  comparisons.onDidChange((node) => changes.push(node && lineOf(node).description?.toString()));
  const seen = (count: number) => vi.waitFor(() => expect(changes.length).toBe(count), { timeout: 20_000 });
  created.fire(undefined);
  await seen(1);
  const lock = await lockComparison(root, stored.folder);
  expect(await comparisons.of({ folder: root, name: 'd' })).toHaveLength(1);
  await step(stored, 'export a 1');
  await seen(2);
  await lock.release();
  await seen(3);
  expect(changes).toEqual([undefined, 'running, 1 of 48 steps', undefined]);
  comparisons.dispose();
});
