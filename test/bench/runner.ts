// What it costs to make a round's calls: wall time, CPU and memory of `longhand generate` against a SCRIPTED server in a process of its own, beside
// bespokelabs-curator and inspect_ai on the same requests. Run: npm run bench:runner [-- --requests=5000 --in-flight=64 --latency=250 --no-peers]
// (after npm run build -- --production). The best of three where a machine is shared: the others measure the neighbours.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Dataset } from '../../src/store/index.ts';
import type { Behaviour } from '../fixtures/behaviour.ts';
import type { Seen } from '../fixtures/serve.ts';
import { type Measured, measurePeers } from './runner/peers.ts';

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
/** The measuring goes with the environment into the process that the command line starts. */
const NODE_OPTIONS = `--import ${join(ROOT, 'test/bench/runner/usage.mjs')}`;
const ideal = ((requests / inFlight) * latencyMs) / 1000;

/** All answers are wrong, so that a round is answer[1] and answer[2] of each problem and nothing after them. */
const behaviour: Behaviour = { latencyMs, passRate: 0, words: Number(values.words) };

async function serve(): Promise<{ baseURL: string; seen: () => Promise<Seen>; end: () => void }> {
  const child: ChildProcess = fork(join(ROOT, 'test/fixtures/serve.ts'), [JSON.stringify(behaviour)]);
  const [{ baseURL }] = (await once(child, 'message')) as [{ baseURL: string }];
  return {
    baseURL,
    seen: async () => {
      child.send('seen');
      const [seen] = (await once(child, 'message')) as [Seen];
      return seen;
    },
    end: () => child.disconnect(),
  };
}

async function dataset(folder: string, baseURL: string): Promise<void> {
  const made = await Dataset.create(folder, { name: 'bench', mediaFolder: join(ROOT, 'media') });
  const { dialogue } = made.settings;
  await made.saveSettings({
    model: { kind: 'openai', baseURL, model: 'scripted' },
    dialogue: { ...dialogue, concurrency: inFlight, tries: { ...dialogue.tries, answer1: 1, answer2: 1 } },
  });
  const rows = Array.from({ length: requests / 2 }, (_, i) => ({
    id: `p${i}`,
    problem: `What is ${i + 2} + ${2 * i + 3}?`,
    answer: String(3 * i + 5),
  }));
  await writeFile(join(folder, 'import-me.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await made.close();
}

/** The runner's process of a detached round, as the editor starts it, from its start to its end, with its grading worker. */
async function ours(): Promise<Measured> {
  const server = await serve();
  const folder = await mkdtemp(join(tmpdir(), 'longhand-bench-'));
  const usageFile = join(folder, 'usage.json');
  const cli = async (verb: string, args: object, env: NodeJS.ProcessEnv = {}): Promise<void> => {
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli.cjs'), verb, '--args-json', '-', '--json'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, ...env, NODE_OPTIONS },
    });
    child.stdin.end(JSON.stringify({ dataset: folder, ...args }));
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`longhand ${verb} ended with ${code}`);
  };
  try {
    await dataset(folder, server.baseURL);
    await cli('import', { file: join(folder, 'import-me.jsonl') });
    await cli('generate', { problems: requests / 2, detach: true }, { BENCH_USAGE: usageFile });
    const usage = await ended(usageFile);
    const seen = await server.seen();
    if (seen.requests !== requests) throw new Error(`${seen.requests} requests came, not ${requests}`);
    return { calls: seen.spanMs / 1000, ...usage, server: seen.cpu, most: seen.most };
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

function tell(name: string, one: Measured): void {
  const share = (100 * ideal) / one.calls;
  const memory = one.memory ?? [];
  const at = (part: number): string => `${Math.round((memory[Math.floor(part * (memory.length - 1))] ?? 0) / 1e6)} MB`;
  console.log(
    `${name}: ${one.wall.toFixed(2)} s from start to end, calls ${one.calls.toFixed(2)} s (${share.toFixed(1)} % of the ideal rate), ` +
      `CPU ${one.cpu.toFixed(2)} s, peak ${Math.round(one.peak / 1e6)} MB, most in flight ${one.most}, server CPU ${one.server.toFixed(2)} s`,
  );
  if (memory.length > 0) console.log(`  memory after 20 % ${at(0.2)}, 60 % ${at(0.6)}, 100 % ${at(1)}`);
}

console.log(
  `${requests} requests, ${inFlight} in flight, ${latencyMs} ms each: ideal ${ideal.toFixed(2)} s. A scripted server, no model.`,
);
const runs: Measured[] = [];
for (let i = 0; i < times; i++) runs.push(await ours());
for (const [i, run] of runs.entries()) tell(`longhand ${i + 1}`, run);
if (!values['no-peers']) await measurePeers({ requests, inFlight, serve, tell });
