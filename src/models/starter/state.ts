import { createHash, randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { LARGEST_STATE, readWhole, readWholeText } from '../../system/regular-file.ts';

/** State of a running server; readable only by its user, since it has the token. */
export const StarterState = z.object({
  version: z.literal(1),
  pid: z.number().int().positive(),
  port: z.number().int().positive(),
  token: z.string().min(16),
  /** Tells this server apart from a later process on its port. */
  instance: z.string().min(8),
  startedAt: z.string(),
});
export type StarterState = z.infer<typeof StarterState>;

/** The body of /health. */
export const Health = z.object({
  status: z.literal('ok'),
  model: z.string(),
  /** First 16 hex digits of the SHA-256 of the server's script. */
  build: z.string(),
  instance: z.string(),
  contextSize: z.number(),
  sequences: z.number(),
  threads: z.number(),
  /** Replies in progress or waiting. */
  load: z.number(),
});
export type Health = z.infer<typeof Health>;

/** The id of a build, from the content of its script. */
export async function buildOf(script: string): Promise<string> {
  return createHash('sha256')
    .update(await readWhole(script))
    .digest('hex')
    .slice(0, 16);
}

/** The state in a file; undefined when there is none or it can't be read. */
export async function readState(file: string): Promise<StarterState | undefined> {
  try {
    return StarterState.parse(JSON.parse(await readWholeText(file, LARGEST_STATE)));
  } catch {
    return undefined;
  }
}

export async function writeState(file: string, state: StarterState): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(draft, JSON.stringify(state), { mode: 0o600 });
  await rename(draft, file);
}

/** Removes the state of this instance, but not of a later one in the same file. */
export async function removeState(file: string, instance: string): Promise<void> {
  if ((await readState(file))?.instance === instance) await rm(file, { force: true });
}
