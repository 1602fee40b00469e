import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { ROOT } from '../../../scripts/lib/paths.ts';

/** What a process used. */
export interface Used {
  seconds: number;
  /** Seconds of all its threads. */
  cpu: number;
  /** Most memory in bytes. */
  peak: number;
}

const Times = z.object({ first: z.number(), next: z.number() });
const Opened = z.object({
  size: z.number(),
  open: z.number(),
  cpu: z.number(),
  counts: Times,
  filtered: Times,
  query: Times,
  byLength: Times,
  byId: Times,
  byIdDown: Times,
  byLevel: Times,
  read: z.number(),
  idle: z.number(),
  rss: z.number(),
});
export type Opened = z.infer<typeof Opened>;

/** Writes what the process used to its fourth file at its end. */
const AT_END = `import{writeSync}from'node:fs';import{isMainThread}from'node:worker_threads';if(isMainThread)process.on('exit',()=>writeSync(3,JSON.stringify(process.resourceUsage())))`;
const Usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

/** Runs the command line. @throws Error with what it printed when it fails */
export async function used(args: readonly string[]): Promise<Used> {
  const began = performance.now();
  const preload = `data:text/javascript,${encodeURIComponent(AT_END)}`;
  const child = spawn(process.execPath, ['--import', preload, join(ROOT, 'dist', 'cli.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, stderr, pipe] = child.stdio.slice(1);
  const [errors, usage] = await Promise.all([text(stderr as never), text(pipe as never), ended(child)]);
  if (child.exitCode !== 0) throw new Error(`longhand ${args.join(' ')}: ${errors.slice(-2000)}`);
  const { userCPUTime, systemCPUTime, maxRSS } = Usage.parse(JSON.parse(usage));
  return { seconds: (performance.now() - began) / 1000, cpu: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS * 1024 };
}

/** Opens a dataset in a process of its own; see measureOpened. */
export async function openedIn(dataset: string): Promise<Opened> {
  return Opened.parse(JSON.parse(await partIn(`--opened=${dataset}`)));
}

/** What this bench prints with another flag, in a process of its own. */
export async function partIn(flag: string): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../scale.ts'), flag], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), ended(child)]);
  return output.trim();
}

const ended = (child: ReturnType<typeof spawn>): Promise<void> =>
  new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve()));
