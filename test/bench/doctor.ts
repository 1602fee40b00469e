// How fast a file is examined, and how much memory that takes: planted rows of about 2 kB, by the command line in a process of its own.
// Run: npm run bench -- doctor [--rows=50000] [--workers=2] [--file=PATH] (after npm run build). It also prints how many planted faults are found.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import type { ExaminationReport } from '../../src/core/examine/finding.ts';
import { readFindings } from '../../src/store/examination.ts';
import { PLANTED, type Planted, plantedRows } from '../fixtures/planted.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    file: { type: 'string' },
  },
});
const rows = Number(values.rows);
const FAULTS: Record<Planted, number> = {
  'near-duplicate': Math.ceil(rows / 100),
  truncated: Math.ceil(rows / 400),
  loop: Math.ceil(rows / 400),
  'think-tags': Math.ceil(rows / 700),
};

async function writeRows(path: string): Promise<Map<string, Planted>> {
  const planted = new Map<string, Planted>();
  const out = createWriteStream(path);
  let lines: string[] = [];
  for (const { row, planted: kind } of plantedRows(rows, FAULTS)) {
    if (kind) planted.set(row.id, kind);
    lines.push(`${JSON.stringify(row)}\n`);
    if (lines.length < 1000) continue;
    if (!out.write(lines.join(''))) await once(out, 'drain');
    lines = [];
  }
  out.end(lines.join(''));
  await finished(out);
  return planted;
}

/** Peak resident memory of a process in bytes, as Linux counts it; undefined elsewhere. */
async function peakOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** User and system time of a process in seconds. */
async function cpuOf(pid: number): Promise<number | undefined> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ');
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / 100;
}

const folder = await mkdtemp(join(tmpdir(), 'longhand-bench-'));
try {
  const path = values.file ?? join(folder, 'rows.jsonl');
  const planted = values.file === undefined ? await writeRows(path) : new Map<string, Planted>();
  const { size } = await stat(path);
  const out = join(folder, 'report');
  const args = ['doctor', path, '--out', out, '--fail-on', 'never', '--workers', values.workers, '--progress', 'none'];
  const began = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const used: { peak?: number | undefined; cpu?: number | undefined } = {};
  const timer = setInterval(async () => {
    used.peak = (await peakOf(child.pid ?? 0)) ?? used.peak;
    used.cpu = (await cpuOf(child.pid ?? 0)) ?? used.cpu;
  }, 200);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`doctor ended with code ${code}`);
  const { peak, cpu } = used;
  const seconds = (performance.now() - began) / 1000;
  const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as ExaminationReport;
  const rate = report.rows / seconds;
  console.log(
    `${report.rows} rows, ${(size / 1e6).toFixed(0)} MB (${Math.round(size / report.rows)} bytes a row) in ${seconds.toFixed(1)} s: ` +
      `${Math.round(rate)} rows/s, a million in ${(1e6 / rate).toFixed(0)} s. CPU ${cpu?.toFixed(1) ?? '?'} s, ` +
      `peak memory ${peak === undefined ? '?' : (peak / 1e6).toFixed(0)} MB, ${values.workers} workers. ` +
      `Load of the machine ${loadavg()[0]?.toFixed(1)}.`,
  );
  for (const { id, count, share } of report.findings) console.log(`  ${id}: ${count} (${(100 * share).toFixed(2)} %)`);
  await printRecall(out, planted);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function printRecall(out: string, planted: ReadonlyMap<string, Planted>): Promise<void> {
  if (planted.size === 0) return;
  const found = new Map<Planted, Set<string>>(PLANTED.map((kind) => [kind, new Set()]));
  const alarms = new Set<string>();
  for await (const { finding, id } of readFindings(out)) {
    found.get(finding as Planted)?.add(id);
    if (!planted.has(id)) alarms.add(id);
  }
  for (const kind of PLANTED) {
    const ids = [...planted].flatMap(([id, of]) => (of === kind ? [id] : []));
    const share = ids.filter((id) => found.get(kind)?.has(id)).length / Math.max(1, ids.length);
    console.log(`  ${kind}: ${ids.length} planted, recall ${(100 * share).toFixed(1)} %`);
  }
  console.log(
    `  rows without a planted fault and with a finding: ${alarms.size} (${((100 * alarms.size) / rows).toFixed(2)} %)`,
  );
}
