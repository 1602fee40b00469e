import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExaminedBatch } from '../../../src/core/examine/examined.ts';
import { bitOf } from '../../../src/core/examine/kinds.ts';
import { PLACES } from '../../../src/core/examine/minhash.ts';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { ExaminePool, MOST_CHARACTERS } from '../../../src/runner/examine/pool.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A worker that ends or never returns at rows with these ids, and ends at several rows of which one is `big`. */
const WORKER = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ id: task, request: { rows } }) => {
  for (const { id } of rows) {
    if (id === 'ends' || (id === 'big' && rows.length > 1)) process.exit(7);
    while (id === 'hangs');
  }
  const ids = rows.map(({ id }) => id);
  const lines = Uint32Array.from(rows, ({ line = 0 }) => line);
  const [bits, tokens] = [new Uint32Array(rows.length), new Uint32Array(rows.length).fill(rows.length)];
  const [flags, outcomes] = [new Uint8Array(rows.length), new Uint8Array(rows.length)];
  const [problems, replies] = [new Float64Array(rows.length), Float64Array.from(rows, ({ line = 0 }) => line / 2)];
  const signatures = new Uint8Array(${2 * PLACES} * rows.length);
  const none = { answers: ids, golds: ids, findings: [] };
  const result = { ids, lines, bits, tokens, flags, outcomes, problems, replies, signatures, ...none };
  parentPort.postMessage({ kind: 'done', id: task, ms: 1, result });
});
parentPort.postMessage({ kind: 'ready' });
`;

/** What the real worker reports of rows that can’t be read. */
const FINDINGS =
  'findings: rows.flatMap(({ id, reason }) => (reason ? [{ id, finding: "not-examined", reason }] : []))';

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
/** The ids of a batch; the reason of a row that was not examined. */
const idsOf = ({ ids, findings }: ExaminedBatch): string[] =>
  ids.map((id) => findings.find((finding) => finding.id === id)?.reason ?? id);

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

  it('examines rows alone that can’t be examined together', async () => {
    const rows = ['a', 'big', 'b', 'ends', 'c'].map((id, at) => ({ id, line: at + 1 }));
    const batch = await (await poolOf(WORKER)).examine(rows);
    expect(idsOf(batch)).toEqual(['a', 'big', 'b', expect.stringContaining('code 7'), 'c']);
    expect([...batch.lines]).toEqual([1, 2, 3, 4, 5]);
    expect([...batch.replies]).toEqual([0.5, 1, 1.5, 0, 2.5]);
    expect(batch.signatures).toHaveLength(5 * 2 * PLACES);
    expect(batch.bits[3]).toBe(bitOf('not-examined'));
  });

  it('sends long rows in several requests', async () => {
    const long = 'x'.repeat(0.4 * MOST_CHARACTERS);
    const rows = [long, long, long, long.repeat(4), 'y', 'y'].map((problem, at) => ({ id: String(at), problem }));
    const batch = await (await poolOf(WORKER)).examine(rows);
    expect(idsOf(batch)).toEqual(['0', '1', '2', '3', '4', '5']);
    // The worker returns the number of rows of each request.
    expect([...batch.tokens]).toEqual([2, 2, 1, 1, 2, 2]);
  });

  it('sends no row that is longer than a thread has memory for', async () => {
    const problem = 'x'.repeat(6_000_000);
    const reply = { written: problem, parts: { answer: problem }, ended: 'answered' as const };
    const rows = [
      { id: 'a', line: 1 },
      { id: 'long', line: 2, problem, reply },
      { id: 'gold', line: 3, gold: problem.repeat(2) },
      { id: 'b', line: 4, problem },
    ];
    // A worker reads the reason as the real one does.
    const batch = await (await poolOf(WORKER.replace('findings: []', FINDINGS))).examine(rows);
    const tooLong = 'It has 12,000,000 characters; at most 10,000,000 are examined.';
    expect(idsOf(batch)).toEqual(['a', tooLong, tooLong, 'b']);
    expect([...batch.lines]).toEqual([1, 2, 3, 4]);
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
