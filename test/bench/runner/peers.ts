import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Seen } from '../../fixtures/serve.ts';
import type { ThreadTimes } from './threads.ts';

/** The resources of a run, in seconds and bytes. */
export interface Measured {
  /** Of the process, from its start to its end. */
  wall: number;
  /** From the first request to the end of the last reply, as the server saw it. */
  calls: number;
  /** User and system time of the process. */
  cpu: number;
  peak: number;
  /** Resident memory four times a second. */
  memory?: number[];
  threads?: ThreadTimes;
  /** CPU time of the server. */
  server: number;
  most: number;
}

export interface PeerOptions {
  requests: number;
  inFlight: number;
  serve: () => Promise<{ baseURL: string; seen: () => Promise<Seen>; end: () => void }>;
  print: (name: string, measured: Measured) => void;
}

const ROOT = resolve(import.meta.dirname, '../../..');
const PEERS = [
  { name: 'bespokelabs-curator 0.1.31', packages: ['bespokelabs-curator==0.1.31'], driver: 'curator_driver.py' },
  { name: 'inspect_ai 0.3.285', packages: ['inspect_ai==0.3.285', 'openai'], driver: 'inspect_driver.py' },
];
/** A peer that takes longer than this hangs. */
const LIMIT_MS = 300_000;

/**
 * Measures a client that only sends, and both peers, on the same number of requests; each peer in a Python environment of its own under cache/. One that
 * cannot be installed is skipped with the reason.
 */
export async function measurePeers(options: PeerOptions): Promise<void> {
  await measurePeer(options, 'node:http that only sends', process.execPath, 'bare-client.mjs');
  for (const { name, packages, driver } of PEERS) {
    const folder = join(ROOT, 'cache', 'peers', driver.replace('.py', ''));
    const reason = install(folder, packages);
    if (reason === undefined) await measurePeer(options, name, join(folder, 'bin', 'python'), driver);
    else console.log(`${name}: skipped, ${reason}`);
  }
}

/** @returns why it cannot be installed, or undefined. */
function install(folder: string, packages: readonly string[]): string | undefined {
  const python = join(folder, 'bin', 'python');
  const steps: [string, string[]][] = [
    ...(existsSync(python) ? [] : [['python3', ['-m', 'venv', folder]] satisfies [string, string[]]]),
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      return `${command} ${args.slice(0, 3).join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
  }
  return undefined;
}

async function measurePeer(
  { requests, inFlight, serve, print }: PeerOptions,
  name: string,
  program: string,
  driver: string,
): Promise<void> {
  const server = await serve();
  try {
    const args = [join(ROOT, 'test/bench/runner', driver), server.baseURL, String(requests), String(inFlight)];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const line = output.trim().split('\n').at(-1) ?? '';
    if (!line.startsWith('{')) {
      console.log(`${name}: skipped, it failed: ${errors.trim().split('\n').at(-1)}`);
      return;
    }
    const { rows, ...took } = JSON.parse(line) as Pick<Measured, 'wall' | 'cpu' | 'peak'> & { rows: number };
    const seen = await server.seen();
    print(`${name} (${rows} replies)`, { ...took, calls: seen.spanMs / 1000, server: seen.cpu, most: seen.most });
  } finally {
    server.end();
  }
}
