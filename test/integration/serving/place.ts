import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import type { VerbProgress } from '../../../src/protocol/progress.ts';
import { runningServers } from '../../../src/serving/running-servers.ts';
import { run as init } from '../../../src/verbs/dataset/init.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { run as serve } from '../../../src/verbs/serving/serve.ts';
import { localPlace, NEVER, ROOT } from '../../unit/engines/fixtures.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const SCRIPT = join(import.meta.dirname, 'scripted-server.mjs');

/** A program that acts as a server; see scripted-server.mjs. */
export const scripted = (mode: string): string[] => [process.execPath, SCRIPT, mode];

const places: { dataset: string; engine: Engine }[] = [];

afterEach(async () => {
  for (const { dataset, engine } of places.splice(0)) {
    for (const { handle } of await runningServers({ dataset, engine, signal: NEVER })) await engine.stop(handle, NEVER);
  }
});

/** A dataset with a folder beside it that looks like a checkpoint, and the verb that serves. Servers end with the test. */
export async function servingPlace(env: NodeJS.ProcessEnv = process.env) {
  const home = await temporaryFolder();
  const dataset = join(home, 'dataset');
  const { engine } = await localPlace({ dataset });
  places.push({ dataset, engine });
  const context = (signal: AbortSignal, progress: VerbProgress[], log: (text: string) => void = () => {}) => ({
    signal,
    progress: (one: VerbProgress) => progress.push(one),
    log,
    distFolder: join(ROOT, 'dist'),
    mediaFolder: join(ROOT, 'media'),
    env: { ...env, LONGHAND_CACHE: env.LONGHAND_CACHE ?? join(home, 'cache') },
    input: () => process.stdin,
    rows: () => process.stdout,
    endsBadly: () => undefined,
  });
  await init({ dataset }, context(NEVER, []));
  const checkpoint = join(home, 'out', 'checkpoint-12');
  await mkdir(checkpoint, { recursive: true });
  await writeFile(join(checkpoint, 'config.json'), '{}');
  await writeFile(join(checkpoint, 'model.safetensors'), 'weights');
  const gguf = join(home, 'model.gguf');
  await writeFile(gguf, 'GGUF and weights');
  return {
    home,
    dataset,
    engine,
    checkpoint,
    gguf,
    running: () => runningServers({ dataset, engine, signal: NEVER }),
    serve: (
      args: Omit<VerbArgs<'serve'>, 'dataset'>,
      signal: AbortSignal = NEVER,
      progress: VerbProgress[] = [],
      log?: (text: string) => void,
    ) => serve({ dataset, ...args }, context(signal, progress, log)),
  };
}
