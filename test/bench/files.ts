// How fast a file of traces opens where it is: first row, any row, rows counted per second, memory.
// Run: npm run bench -- files --gb=10 (after npm run build). It writes a file of that size to the temporary folder.
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseQuery } from '../../src/core/query/parse.ts';
import { formatBytes } from '../../src/core/text/format.ts';
import { FileReviewSource } from '../../src/editor/files/file-source.ts';
import type { Sort } from '../../src/store/index.ts';

const DIST = resolve(import.meta.dirname, '../../dist');
const gb = Number(process.argv.find((flag) => flag.startsWith('--gb='))?.slice(5) ?? 1);
/** Bytes of a row, as an ordinary trace has. */
const ROW = 2000;
const LOOKS = 200;

/** Writes rows of one shape with different numbers until the file has the size. */
async function writeRows(path: string, size: number): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (let row = 0, written = 0; written < size; ) {
      let batch = '';
      while (batch.length < 8_000_000) batch += `${JSON.stringify(traceOf(row++))}\n`;
      await file.write(batch);
      written += batch.length;
    }
    // Otherwise the disk would still write while the file is read.
    await file.sync();
  } finally {
    await file.close();
  }
}

function traceOf(row: number): object {
  const steps = `First I add ${row} and ${row + 1}. Wait, let me check that. ${row} + ${row + 1} = ${2 * row + 1}. `;
  const text = steps.repeat(Math.ceil((ROW - 200) / steps.length));
  return {
    problem: `What is ${row} plus ${row + 1}?`,
    answer: String(2 * row + 1),
    response: `${text}\\boxed{${2 * row + 1}}`,
  };
}

const memory = (): number => process.memoryUsage().rss;
const percentile = (times: number[], share: number): string =>
  `${(times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1)} ms`;

/** Waits until all rows are counted. @returns the highest memory meanwhile, bytes. */
async function counted(source: FileReviewSource): Promise<number> {
  let highest = memory();
  while (source.facts.searched < 1) {
    await new Promise((done) => setTimeout(done, 50));
    highest = Math.max(highest, memory());
  }
  return highest;
}

async function measure(path: string): Promise<void> {
  const { size } = await stat(path);
  const idle = memory();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const source = await FileReviewSource.open({
    path,
    reviewer: 'bench',
    dist: DIST,
    kept: join(dirname(path), 'kept'),
    log: console.log,
  });
  await source.item('1');
  console.log(`first row: ${(performance.now() - began).toFixed(0)} ms after the click, in a new thread`);
  const highest = await counted(source);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1e6;
  const { rows } = source.facts;
  console.log(
    `${rows.toLocaleString('en')} rows of ${formatBytes(size)} counted in ${seconds.toFixed(1)} s (${used.toFixed(1)} s of CPU): ${(size / 1e6 / seconds).toFixed(0)} MB/s`,
  );
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const row = 1 + ((look * 2_654_435_761) % rows);
    const asked = performance.now();
    await source.rawRow(String(row));
    times.push(performance.now() - asked);
  }
  console.log(
    `any of ${LOOKS} rows: median ${percentile(times, 0.5)}, 95 % ${percentile(times, 0.95)}, slowest ${percentile(times, 1)}`,
  );
  const asked = performance.now();
  const changed = new Promise<void>((done) => source.onDidChange(() => done()));
  await source.item(String(Math.ceil(rows / 2)));
  await changed;
  console.log(`a row graded and marked, with the classifier loaded: ${(performance.now() - asked).toFixed(0)} ms`);
  console.log(
    `memory above idle: ${formatBytes(highest - idle)} at most while counting, ${formatBytes(memory() - idle)} after it`,
  );
  await measureTable(source, idle);
  await source.close();
}

/** The chain table: rows on the screen before anything is read, the read of all rows, and queries after it. */
async function measureTable(source: FileReviewSource, idle: number): Promise<void> {
  const facets = ['decision', 'level', 'topic', 'model'] as const;
  const signal = new AbortController().signal;
  let highest = memory();
  const sampling = setInterval(() => {
    highest = Math.max(highest, memory());
  }, 20);
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    highest = memory();
    const began = performance.now();
    await work();
    const time = performance.now() - began;
    console.log(`${what}: ${time.toFixed(0)} ms, ${formatBytes(highest - idle)} above idle at most`);
  };
  const find = (text: string, sort?: Sort) => source.find(parseQuery(text), sort, facets, { signal });
  const { rows } = source.facts;
  await timed('the table lists all rows', () => find(''));
  const places = Array.from({ length: 80 }, (_, at) => String(Math.ceil(rows / 2) + at));
  await timed('80 rows in its middle', () => source.file.tableRows(places));
  await timed('all rows are read', () => source.file.read('rows', { signal }));
  await timed('tokens > 450', () => find('tokens > 450'));
  await timed('sorted by tokens', () => find('', { field: 'tokens', descending: true }));
  await timed('chain ~ "let me check"', () => find('chain ~ "let me check" and tokens > 450'));
  clearInterval(sampling);
}

const folder = await mkdtemp(join(tmpdir(), 'longhand-bench-files-'));
try {
  const path = join(folder, 'rows.jsonl');
  const began = performance.now();
  await writeRows(path, gb * 1e9);
  console.log(`wrote ${gb} GB in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  await measure(path);
} finally {
  await rm(folder, { recursive: true, force: true });
}
