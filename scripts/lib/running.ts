import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../src/system/process.ts';

/** VS Code in the browser that an earlier start left running. */
const Running = z.object({ pid: z.number().int().positive(), url: z.url() });
export type Running = z.infer<typeof Running>;

const fileIn = (home: string): string => join(home, 'running.json');

/** The instance with this folder of user data; undefined if none runs or answers. */
export async function findRunning(home: string): Promise<Running | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => undefined);
  const running = text === undefined ? undefined : parse(text);
  return running !== undefined && isAlive(running.pid) && (await answers(running.url)) ? running : undefined;
}

/** Whether the server answers: the process id may belong to another program by now. */
function answers(url: string): Promise<boolean> {
  return fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Records this process for the next start; the returned function removes the record. */
export async function recordRunning(home: string, url: string): Promise<() => Promise<void>> {
  await writeFile(fileIn(home), JSON.stringify({ pid: process.pid, url } satisfies Running));
  return () => rm(fileIn(home), { force: true });
}

function parse(text: string): Running | undefined {
  try {
    return Running.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
