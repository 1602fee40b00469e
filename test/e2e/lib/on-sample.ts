import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACTS, ROOT } from '../../../scripts/lib/paths.ts';
import { run } from '../../../scripts/lib/process.ts';
import { copySample } from '../../../scripts/lib/sample.ts';
import { inTemporaryFolder, type Suite } from './harness.ts';
import { ownCache } from './own-cache.ts';
import { Workbench, type WorkbenchOptions } from './workbench.ts';

/** A copy of the sample dataset, beside which a walk may write files. */
export interface Place {
  /** The folder that holds all of it. */
  home: string;
  /** The dataset. */
  folder: string;
  /** For the command line, as VS Code has it: with a cache of its own. */
  env: NodeJS.ProcessEnv;
  /** Runs the command line. @returns its result. */
  longhand(...args: string[]): Promise<unknown>;
}

export interface Walk extends Place {
  workbench: Workbench;
}

export type Options = Partial<Omit<WorkbenchOptions, 'vsix' | 'folder' | 'screenshots'>>;

/**
 * Opens a copy of the sample dataset in VS Code, which is closed after the walk; the name of the walk is its reviewer.
 * `prepare` may change the dataset before, and returns what VS Code needs; its environment is added to that of the place.
 */
export async function onSample(
  suite: Suite,
  { name, prepare }: { name: string; prepare?: (place: Place) => Promise<Options> },
  walk: (walk: Walk) => Promise<unknown>,
): Promise<void> {
  await inTemporaryFolder(name, async (home) => {
    const folder = join(home, 'dataset');
    await copySample(folder);
    const env: NodeJS.ProcessEnv = { ...process.env, LONGHAND_CACHE: await ownCache(home) };
    const place: Place = {
      ...{ home, folder, env },
      longhand: async (...args) => {
        const { stdout } = await run(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), ...args, '--json'], { env });
        return JSON.parse(stdout);
      },
    };
    const options = (await prepare?.(place)) ?? {};
    const workbench = await Workbench.start({
      ...options,
      ...{ vsix: suite.vsix, folder, screenshots: join(ARTIFACTS, 'e2e', name) },
      settings: { 'longhand.reviewer': name, ...options.settings },
      env: Object.assign(env, options.env),
    });
    try {
      await walk({ ...place, workbench });
    } finally {
      await workbench.screenshot('last').catch(() => undefined);
      await workbench.close();
    }
  });
}

/** Changes fields of longhand.json, as a person does in the editor. */
export async function changeSettings(folder: string, change: object): Promise<void> {
  const path = join(folder, 'longhand.json');
  const settings = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...settings, ...change }, null, 2));
}
