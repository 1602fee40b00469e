import { join } from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { randomSource } from '../../../src/core/maths/random.ts';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { countFacets, Dataset, queryPositions } from '../../../src/store/index.ts';

const ROUNDS = 5;
const READS = 200;

async function milliseconds(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The first run, which makes what later ones use, and the median of those. */
async function first(work: () => unknown): Promise<{ first: number; next: number }> {
  const all: number[] = [];
  for (let i = 0; i <= ROUNDS; i++) all.push(await milliseconds(work));
  const [one = 0, ...others] = all;
  return { first: one, next: others.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0 };
}

/** Opens a dataset as the extension host does, until its chains can be listed. @returns how long that and its queries take in milliseconds */
export async function measureOpened(folder: string): Promise<Record<string, unknown>> {
  const idle = process.memoryUsage().rss;
  const began = performance.now();
  const before = process.cpuUsage();
  const dataset = await Dataset.open(folder, { scanWorker: join(ROOT, 'dist', 'scan-worker.mjs') });
  const { index } = dataset;
  const size = index.chainCount;
  const open = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000;
  const counts = await first(() => countFacets(index));
  const two = parseQuery('verdict = incorrect and filters = filtered');
  const filtered = await first(() => countFacets(index, two));
  const query = await first(() => queryPositions(index, two));
  const byLength = await first(() => queryPositions(index, [], {}, { field: 'characters', descending: true }));
  const byId = await first(() => queryPositions(index, [], {}, { field: 'chain' }));
  const byIdDown = await first(() => queryPositions(index, [], {}, { field: 'chain', descending: true }));
  const byLevel = await first(() => queryPositions(index, [], {}, { field: 'level' }));
  const { rss } = process.memoryUsage();
  const random = randomSource(1);
  const reads: number[] = [];
  for (let i = 0; i < READS && size > 0; i++) {
    const { id } = index.chainTable.at(Math.floor(random() * size));
    reads.push(await milliseconds(async () => dataset.problem((await dataset.chain(id)).problemId)));
  }
  reads.sort((a, b) => a - b);
  const read = reads[Math.floor(READS * 0.95)] ?? 0;
  await dataset.close();
  return { size, open, cpu, counts, filtered, query, byLength, byId, byIdDown, byLevel, read, idle, rss };
}
