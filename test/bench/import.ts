// How fast problems and traces are imported, an index is read, and a training set is written.
// Run: npm run bench -- import (after npm run build). Each number is the best of three, since other processes slow down a shared machine.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Dataset } from '../../src/store/index.ts';
import { loadVerb, type VerbArgs, type VerbName, type VerbResult } from '../../src/verbs/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DATA = join(ROOT, '../shared/data');
const ROUNDS = 3;

async function run<V extends VerbName>(verb: V, args: VerbArgs<V>): Promise<VerbResult<V>> {
  const body = await loadVerb(verb);
  return body.run(args, {
    signal: new AbortController().signal,
    progress: () => {},
    log: (text) => console.log(text),
    distFolder: join(ROOT, 'dist'),
    mediaFolder: join(ROOT, 'media'),
    env: process.env,
    input: () => process.stdin,
    rows: () => process.stdout,
    endsBadly: () => undefined,
  });
}

async function seconds<T>(work: () => Promise<T>): Promise<{ took: number; result: T }> {
  const began = performance.now();
  const result = await work();
  return { took: (performance.now() - began) / 1000, result };
}

/** Imports the file into a new dataset a few times and measures the steps after it. */
async function measure(path: string, verb: 'import' | 'import-traces'): Promise<void> {
  const megabytes = (await stat(path)).size / 1e6;
  const best = { import: Number.POSITIVE_INFINITY, index: Number.POSITIVE_INFINITY, reopen: Number.POSITIVE_INFINITY };
  let rows = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const parent = await mkdtemp(join(tmpdir(), 'longhand-bench-'));
    try {
      const { dataset } = await run('init', { dataset: join(parent, 'd') });
      const imported = await seconds(() => run(verb, { dataset, file: path }));
      rows = imported.result.rows;
      const fresh = await seconds(() => Dataset.open(dataset));
      await fresh.result.close();
      const again = await seconds(() => Dataset.open(dataset));
      best.import = Math.min(best.import, imported.took);
      best.index = Math.min(best.index, fresh.took);
      best.reopen = Math.min(best.reopen, again.took);
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  }
  const rate = `${Math.round(rows / best.import).toLocaleString('en')} rows/s, ${(megabytes / best.import).toFixed(1)} MB/s`;
  console.log(
    `${verb} ${path.slice(DATA.length + 1)}: ${rows} rows, ${megabytes.toFixed(1)} MB in ${best.import.toFixed(2)} s (${rate})`,
  );
  console.log(`  index built in ${ms(best.index)}, read from .cache in ${ms(best.reopen)}`);
}

/** Writes a training set of the published traces. */
async function measureExport(path: string): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'longhand-bench-'));
  try {
    const { dataset } = await run('init', { dataset: join(parent, 'd') });
    await run('import-traces', { dataset, file: path });
    const { took, result } = await seconds(() => run('export', { dataset, select: 'passed' }));
    console.log(
      `export: ${result.chains} chains, ${(result.trained / 1e6).toFixed(1)} M characters in ${took.toFixed(2)} s`,
    );
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

function ms(took: number): string {
  return `${Math.round(took * 1000)} ms`;
}

if (existsSync(DATA)) {
  await measure(join(DATA, 'raw/gsm8k_train.original.jsonl'), 'import');
  await measure(join(DATA, 'traces/thought_anchors_math.jsonl'), 'import-traces');
  await measure(join(DATA, 'traces/sky_t1_aime24_8runs.jsonl'), 'import-traces');
  await measureExport(join(DATA, 'traces/sky_t1_aime24_8runs.jsonl'));
} else {
  console.log('Skipped: ../shared/data is absent.');
}
