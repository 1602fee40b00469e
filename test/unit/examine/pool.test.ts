import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExaminedBatch } from '../../../src/core/examine/examined.ts';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { ExaminePool } from '../../../src/runner/examine/pool.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A worker that ends or never returns at rows with these ids; it answers with the reasons that it is given. */
const WORKER = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id: task, request: { rows, unexamined } }) => {
  for (const [at, { id }] of rows.entries()) {
    if (unexamined[at] !== undefined) continue;
    if (id === 'ends') process.exit(7);
    while (id === 'hangs');
  }
  const result = { ids: rows.map(({ id }, at) => unexamined[at] ?? id) };
  parentPort.postMessage({ kind: 'done', id: task, ms: 1, result });
});
parentPort.postMessage({ kind: 'ready' });
`;

const pools: ExaminePool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

async function poolOf(script: string): Promise<ExaminePool> {
  const workerPath = join(await temporaryFolder(), 'worker.mjs');
  if (script !== '') await writeFile(workerPath, script);
  const settings = { filters: FilterSettings.parse({}), policy: resolvePolicy('default'), benchmarks: [] };
  const pool = new ExaminePool({ ...settings, workerPath, workers: 2, timeoutMs: 1000 });
  pools.push(pool);
  return pool;
}

const rowsOf = (...ids: string[]) => ids.map((id) => ({ id, reason: '' }));
const idsOf = ({ ids }: Pick<ExaminedBatch, 'ids'>): string[] => ids;

describe('the pool of an examination', () => {
  it('examines all rows but those that end a worker or exceed the limit', async () => {
    const pool = await poolOf(WORKER);
    const batches = [rowsOf('a', 'ends', 'b'), rowsOf('c', 'hangs', 'd', 'ends'), rowsOf('e')];
    const [first, second, third] = await Promise.all(batches.map((rows) => pool.examine(rows)));
    expect(first && idsOf(first)).toEqual(['a', expect.stringContaining('code 7'), 'b']);
    const slow = expect.stringContaining('longer than 1 s');
    expect(second && idsOf(second)).toEqual(['c', slow, 'd', expect.stringContaining('code 7')]);
    expect(third && idsOf(third)).toEqual(['e']);
  });

  it('rejects when its script can’t be loaded', async () => {
    await expect((await poolOf('')).examine(rowsOf('a'))).rejects.toThrow();
    await expect((await poolOf('throw new Error("broken")')).examine(rowsOf('a'))).rejects.toThrow('broken');
  });

  it('rejects what is left when it is closed', async () => {
    const pool = await poolOf('setInterval(() => {}, 1000)');
    const never = pool.examine(rowsOf('a'));
    const rejected = expect(never).rejects.toThrow('closed');
    await pool.close();
    await rejected;
  });
});
