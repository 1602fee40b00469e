// The cost of a round's calls: wall time, CPU and memory of the process of a round against a SCRIPTED server in a separate process, without
// grading (which the peers don't do) and with it, compared with bespokelabs-curator and inspect_ai on the same requests. Builds for production first.
// Run: npm run bench:runner [-- --requests=5000 --in-flight=64 --latency=250 --times=3 --no-peers]. Where the machine is shared, its load is part
// of every number: it is printed at the start.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Behaviour } from '../fixtures/behaviour.ts';
import { type Measured, measurePeers } from './runner/peers.ts';
import { longhand, makeDataset, type Served, serveScripted } from './runner/round.ts';
import { watchThreads } from './runner/threads.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    'in-flight': { type: 'string', default: '64' },
    latency: { type: 'string', default: '250' },
    words: { type: 'string', default: '60' },
    times: { type: 'string', default: '3' },
    'no-peers': { type: 'boolean', default: false },
  },
});
const requests = Number(values.requests);
const inFlight = Number(values['in-flight']);
const latencyMs = Number(values.latency);
const times = Number(values.times);
/** The measurement is passed in the environment to the process that the command line starts. */
const NODE_OPTIONS = `--import ${join(ROOT, 'test/bench/runner/usage.mjs')}`;
const ideal = ((requests / inFlight) * latencyMs) / 1000;

/** All answers are wrong, so that a round is answer[1] and answer[2] of each problem and nothing after them. */
const behaviour: Behaviour = { latencyMs, passRate: 0, words: Number(values.words) };

const serve = (): Promise<Served> => serveScripted(behaviour);

/** The runner's process of a detached round, as the editor starts it, from its start to its end. */
async function ours(grading: boolean): Promise<Measured> {
  const server = await serve();
  const folder = await mkdtemp(join(tmpdir(), 'longhand-bench-'));
  const usageFile = join(folder, 'usage.json');
  const cli = (verb: string, args: object, env: NodeJS.ProcessEnv = {}): Promise<unknown> =>
    longhand(verb, { dataset: folder, ...args }, { ...env, NODE_OPTIONS });
  try {
    await makeDataset(folder, server.baseURL, { requests, inFlight });
    const env = { BENCH_USAGE: usageFile, ...(grading ? {} : { BENCH_NO_GRADING: '1' }) };
    const { pid } = (await cli('generate', { problems: requests / 2, detach: true }, env)) as { pid: number };
    const threads = await watchThreads(pid);
    const usage = await ended(usageFile);
    const seen = await server.seen();
    if (seen.requests !== requests) throw new Error(`${seen.requests} requests came, not ${requests}`);
    const { spanMs, cpu, most } = seen;
    return { calls: spanMs / 1000, ...usage, ...(threads ? { threads } : {}), server: cpu, most };
  } finally {
    server.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the runner wrote at its end. */
async function ended(file: string): Promise<Pick<Measured, 'wall' | 'cpu' | 'peak' | 'memory'>> {
  for (;;) {
    await new Promise((done) => setTimeout(done, 100));
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('}')) return JSON.parse(text);
  }
}

function print(name: string, one: Measured): void {
  const share = (100 * ideal) / one.calls;
  const { memory = [], threads } = one;
  console.log(
    `${name}: ${one.wall.toFixed(2)} s from start to end, calls ${one.calls.toFixed(2)} s (${share.toFixed(1)} % of the ideal rate), ` +
      `CPU ${one.cpu.toFixed(2)} s, peak ${megabytes(one.peak)}, most in flight ${one.most}, server CPU ${one.server.toFixed(2)} s`,
  );
  if (threads) {
    const { main, grading, others } = threads;
    console.log(
      `  CPU by thread: calls ${main.toFixed(2)} s, grading worker ${grading.toFixed(2)} s, V8 and libuv ${others.toFixed(2)} s`,
    );
  }
  const at = (part: number): string => megabytes(memory[Math.floor(part * (memory.length - 1))] ?? 0);
  if (memory.length > 0) console.log(`  memory at 20 % of the time ${at(0.2)}, at 60 % ${at(0.6)}, at 100 % ${at(1)}`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** The run in the middle by the time of its calls: a peer has one run, and the best of ours beside it would not be fair. */
function middle(runs: readonly Measured[]): Measured | undefined {
  return [...runs].sort((a, b) => a.calls - b.calls)[Math.floor(runs.length / 2)];
}

/** What a peer took, for each unit of what the runner took without grading. */
function compare(name: string, peer: Measured, own: Measured): void {
  const ratio = (key: 'calls' | 'wall' | 'cpu' | 'peak'): string => `${(peer[key] / own[key]).toFixed(1)}×`;
  console.log(
    `${name}: ${ratio('calls')} calls, ${ratio('wall')} start to end, ${ratio('cpu')} CPU, ${ratio('peak')} memory`,
  );
}

const built = spawnSync(process.execPath, [join(ROOT, 'esbuild.mjs'), '--production'], { cwd: ROOT, stdio: 'pipe' });
if (built.status !== 0) throw new Error(`The production build fails: ${built.stderr}`);
console.log(
  `${requests} requests, ${inFlight} in flight, ${latencyMs} ms each: ideal ${ideal.toFixed(2)} s. A scripted server, no model. ` +
    `Load of the machine ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}.`,
);
const calls: Measured[] = [];
for (let i = 1; i <= times; i++) {
  const run = await ours(false);
  print(`longhand, no grading, ${i}`, run);
  calls.push(run);
}
for (let i = 1; i <= times; i++)
  print(`longhand, with its grading worker and ${requests} gradings, ${i}`, await ours(true));
if (!values['no-peers']) {
  const peers: [string, Measured][] = [];
  const printPeer = (name: string, one: Measured): void => {
    print(name, one);
    peers.push([name, one]);
  };
  await measurePeers({ requests, inFlight, serve, print: printPeer });
  const own = middle(calls);
  if (own) {
    console.log('Beside the middle run of longhand without grading:');
    for (const [name, peer] of peers) compare(name, peer, own);
  }
}
