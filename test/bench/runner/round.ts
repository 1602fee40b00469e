import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Dataset } from '../../../src/store/index.ts';
import type { Behaviour } from '../../fixtures/behaviour.ts';
import type { Seen } from '../../fixtures/serve.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The scripted server in its own process. */
export interface Served {
  baseURL: string;
  seen: () => Promise<Seen>;
  end: () => void;
}

export async function serveScripted(behaviour: Behaviour): Promise<Served> {
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

/** Runs a verb of the built command line and returns its JSON result. `env` is added to the environment. */
export async function longhand(verb: string, args: object, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli.mjs'), verb, '--args-json', '-', '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  child.stdin.end(JSON.stringify(args));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`longhand ${verb} ended with ${code}`);
  return JSON.parse(output);
}

/** A dataset whose round of all problems makes this number of requests if no answer is right: answer[1] and answer[2] of each problem only. */
export async function makeDataset(
  folder: string,
  baseURL: string,
  { requests, inFlight }: { requests: number; inFlight: number },
): Promise<void> {
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
  const file = join(folder, 'import-me.jsonl');
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await made.close();
  await longhand('import', { dataset: folder, file });
}
