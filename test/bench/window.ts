// The cost of a round for the window it was started from: CPU time of the extension host of real VS Code while a round of many calls runs in its own process,
// compared with the idle window. With a SCRIPTED server; Linux only (from `/proc`).
// Run: npm run bench -- window [--requests=5000 --in-flight=64 --latency=250].
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureVsix } from '../../scripts/lib/build.ts';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { Workbench } from '../e2e/lib/workbench.ts';
import { makeDataset, serveScripted } from './runner/round.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '5000' },
    'in-flight': { type: 'string', default: '64' },
    latency: { type: 'string', default: '250' },
  },
});
const requests = Number(values.requests);
const IDLE_SECONDS = 15;
const TICKS_PER_SECOND = 100;
/** Which of the machine's processes are this window's. */
const mark = randomUUID();

/** CPU seconds that the extension host has taken so far; all of its threads, none of its children. */
async function hostSeconds(): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    if (!environment?.includes(mark) || !command?.includes('--type=extensionHost')) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
  }
  throw new Error('The extension host is not among the processes.');
}

/** Runs `work`. @returns the share of a core that the extension host used meanwhile. */
async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const [before, start] = [await hostSeconds(), performance.now()];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const cpu = (await hostSeconds()) - before;
  console.log(
    `${name}: ${cpu.toFixed(2)} s of CPU in ${seconds.toFixed(1)} s, ${((100 * cpu) / seconds).toFixed(1)} %`,
  );
}

const server = await serveScripted({ latencyMs: Number(values.latency), passRate: 0, words: 60 });
const folder = await mkdtemp(join(tmpdir(), 'longhand-window-'));
try {
  const vsix = await ensureVsix();
  await makeDataset(folder, server.baseURL, { requests, inFlight: Number(values['in-flight']) });
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${requests} requests, scripted; extension host of one window with the dataset open. Load ${load}.`);
  const screenshots = join(ARTIFACTS, 'bench');
  const workbench = await Workbench.start({ vsix, folder, screenshots, env: { ...process.env, LONGHAND_BENCH: mark } });
  try {
    await workbench.command('Longhand: Focus on Datasets View');
    const rows = (): Promise<string[]> => workbench.tree('Datasets');
    await workbench.until('the dataset in the tree', async () => (await rows()).some((row) => row.includes('bench')));
    await workbench.page.waitForTimeout(10_000);
    await measure('nothing runs', () => workbench.page.waitForTimeout(IDLE_SECONDS * 1000));
    await workbench.command('Longhand: Generate Chains…');
    await workbench.pick(/^\s*All \d/);
    await workbench.pick('As in longhand.json');
    await workbench.asks(/requests/);
    await measure('a round runs', async () => {
      await workbench.pick(/^\s*Start /);
      let shown = '';
      while ((await server.seen()).requests < requests) {
        await workbench.page.waitForTimeout(500);
        shown = (await workbench.statusBar()).find((item) => item.includes('0-dialogue')) ?? shown;
      }
      await workbench.page.waitForTimeout(1000);
      console.log(`last text of the status bar: ${shown.replace(/\s+/g, ' ')}`);
    });
  } finally {
    await workbench.close();
  }
} finally {
  server.end();
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
