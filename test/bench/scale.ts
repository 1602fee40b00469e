// What a large dataset costs: import of traces, opening without and with a saved index, queries, one chain, the next chain in a browser, export, and the
// memory of each. Beside it, DuckDB counts the same file. Each part runs in a process of its own, with the production build of the command line.
// Run: npm run bench -- scale [--rows=20000] [--chains=1000000] [--keep]
// `--chains`: the imported chains are copied until the opened dataset has that many. `--keep`: the dataset stays in the temporary folder.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { type Opened, openedIn, partIn, type Used, used } from './scale/measured.ts';
import { writeTraces } from './scale/traces.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    chains: { type: 'string' },
    keep: { type: 'boolean' },
    opened: { type: 'string' },
    read: { type: 'string' },
  },
});
const rows = Number(values.rows);
/** Rows of 1.6 kB that an import must read, grade and write in a second, on two cores. */
const REQUIRED_ROWS = 2_500;
const formatCount = (count: number): string => Math.round(count).toLocaleString('en');

/** Copies the chains of a round under new ids until there are `chains`. @returns how many there are */
async function copyChains(file: string, chains: number): Promise<void> {
  const draft = `${file}.copies`;
  await pipeline(async function* () {
    for (let copy = 0, written = 0; written < chains; copy++) {
      for await (const line of createInterface({ input: createReadStream(file) })) {
        if (written++ >= chains) break;
        yield `${copy === 0 ? line : line.replace('{"id":"', `{"id":"${copy}/`)}\n`;
      }
    }
  }, createWriteStream(draft));
  await rename(draft, file);
}

function report(what: string, { seconds, cpu, peak }: Used, amount = ''): void {
  console.log(
    `${what}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU, ${Math.round(peak / 1e6)} MB at most${amount}`,
  );
}

function reportOpened(what: string, opened: Opened, megabytes: number): void {
  const { open, cpu, idle, rss, size, counts, filtered, query, byLength, byId, byIdDown, byLevel, read } = opened;
  const ms = ({ first, next }: Opened['counts']): string => `${first.toFixed(0)} ms, then ${next.toFixed(0)} ms`;
  console.log(
    `${what}: ${size.toLocaleString('en')} chains in ${open.toFixed(0)} ms (${((megabytes / open) * 1000).toFixed(0)} MB/s), ${cpu.toFixed(0)} ms of CPU; ${Math.round(rss / 1e6)} MB of memory after the queries, of which ${Math.round(idle / 1e6)} MB before`,
  );
  console.log(`  counts of all facets: ${ms(counts)}; with two filters: ${ms(filtered)}`);
  console.log(`  chains of two filters: ${ms(query)}; one chain and its problem: ${read.toFixed(1)} ms (p95)`);
  console.log(
    `  sorted by length: ${ms(byLength)}; by id: ${ms(byId)}, descending: ${ms(byIdDown)}; by level: ${ms(byLevel)}`,
  );
}

/** Bytes of the files of a folder. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

async function measure(parent: string): Promise<void> {
  const [file, dataset] = [join(parent, 'traces.jsonl'), join(parent, 'dataset')];
  const bytes = await writeTraces(file, rows);
  console.log(`${rows.toLocaleString('en')} traces, ${(bytes / 1e6).toFixed(0)} MB. Load ${loadavg()[0]?.toFixed(1)}.`);
  await used(['init', dataset]);
  const imported = await used(['import-traces', dataset, file]);
  const perSecond = rows / imported.seconds;
  const share = Math.round((perSecond / REQUIRED_ROWS) * 100);
  report(
    'import',
    imported,
    `; ${formatCount(perSecond)} rows/s, ${share} % of the required ${formatCount(REQUIRED_ROWS)}`,
  );
  const [round = ''] = await readdir(join(dataset, 'rounds'));
  const chains = join(dataset, 'rounds', round, 'chains.jsonl');
  if (values.chains !== undefined) await copyChains(chains, Number(values.chains));
  const megabytes = (await stat(chains)).size / 1e6;
  console.log(`dataset: ${megabytes.toFixed(0)} MB of chains`);
  await rm(join(dataset, '.cache'), { recursive: true, force: true });
  reportOpened('opened without an index', await openedIn(dataset), megabytes);
  reportOpened('opened with an index', await openedIn(dataset), megabytes);
  report('status', await used(['status', dataset]));
  const passed = ['export', dataset, '--select', 'passed'];
  report('plan of an export', await used([...passed, '--plan']));
  const choices = ['--dedupe', 'exact', '--per-problem', '4', '--validation', '0.1', '--order', 'shuffled'];
  report('plan of a split without duplicates', await used([...passed, ...choices, '--plan']));
  const exported = await used(passed);
  const written = await sizeOf(join(dataset, 'exports', 'passed'));
  const rate = ({ seconds }: Used): string => `${(written / 1e6 / seconds).toFixed(0)} MB/s`;
  report('export', exported, `; ${(written / 1e6).toFixed(0)} MB, ${rate(exported)}`);
  const parquet = await used([...passed, '--files', 'parquet', '--name', 'parquet']);
  const compressed = await sizeOf(join(dataset, 'exports', 'parquet'));
  report('export as Parquet', parquet, `; ${(compressed / 1e6).toFixed(0)} MB, ${rate(parquet)} of the rows as JSON`);
  const { countWithDuckDB } = await import('./scale/duckdb.ts');
  console.log(await countWithDuckDB(chains));
  console.log(`reader: ${await partIn(`--read=${dataset}`)}`);
}

// A process imports only what it measures: a browser driver would count as memory of the store.
if (values.opened !== undefined) {
  const { measureOpened } = await import('./scale/opened.ts');
  console.log(JSON.stringify(await measureOpened(values.opened)));
} else if (values.read !== undefined) {
  const { measureReader } = await import('./scale/reader.ts');
  await measureReader(values.read);
} else {
  await ensureBuilt();
  const parent = await mkdtemp(join(tmpdir(), 'longhand-scale-'));
  try {
    await measure(parent);
  } finally {
    if (values.keep) console.log(parent);
    else await rm(parent, { recursive: true, force: true });
  }
}
