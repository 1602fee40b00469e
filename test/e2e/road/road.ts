import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { run } from '../../../scripts/lib/process.ts';
import { copySample } from '../../../scripts/lib/sample.ts';
import { DatasetSettings } from '../../../src/core/schemas/index.ts';
import { RunnerState } from '../../../src/protocol/runner.ts';
import { isAlive } from '../../../src/system/process.ts';
import { ownCache } from '../lib/own-cache.ts';
import { Workbench } from '../lib/workbench.ts';

const CLI = join(ROOT, 'dist', 'cli.mjs');

/** What the steps of the road share: VS Code, the dataset it has open, and what earlier steps found. */
export class Road {
  readonly workbench: Workbench;
  /** The dataset. */
  readonly folder: string;
  /** Files to import are written here, outside of the dataset. */
  readonly inputs: string;
  /** Name of the round that the road generates; set by the step that starts it. */
  round = '';
  /** The journal's whole lines when the runner was killed. */
  paid = '';

  /** For the command line, as VS Code has it. */
  readonly env: NodeJS.ProcessEnv;

  private constructor(workbench: Workbench, folder: string, inputs: string, env: NodeJS.ProcessEnv) {
    this.workbench = workbench;
    this.folder = folder;
    this.inputs = inputs;
    this.env = env;
  }

  /** Copies the sample dataset to `folder` and opens it in VS Code with the extension. */
  static async begin(options: { vsix: string; folder: string; inputs: string; screenshots: string }): Promise<Road> {
    const { vsix, folder, inputs, screenshots } = options;
    await copySample(folder);
    await fixIdentity(folder);
    const env = { ...process.env, LONGHAND_CACHE: await ownCache(inputs) };
    // One thread: two wait for each other in a busy loop, and crawl as soon as anything else wants the same two cores.
    const settings = { 'longhand.reviewer': REVIEWER, 'longhand.starter.threads': 1 };
    const workbench = await Workbench.start({ vsix, folder, screenshots, settings, env });
    return new Road(workbench, folder, inputs, env);
  }

  /** Runs the command line and gives its JSON result. */
  async longhand(...args: string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, [CLI, ...args, '--json'], { env: this.env });
    return JSON.parse(stdout);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  has(...parts: string[]): boolean {
    return existsSync(this.path(...parts));
  }

  /** A JSON file of the dataset, validated by its own schema. */
  json<T extends z.ZodType>(schema: T, ...parts: string[]): z.infer<T> {
    return schema.parse(JSON.parse(readFileSync(this.path(...parts), 'utf8')));
  }

  /** The lines of a JSONL file, validated; a file that is not there has none. An unfinished last line is omitted. */
  lines<T extends z.ZodType>(schema: T, ...parts: string[]): z.infer<T>[] {
    if (!this.has(...parts)) return [];
    const whole = readFileSync(this.path(...parts), 'utf8')
      .split('\n')
      .slice(0, -1);
    return whole.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
  }

  settings(): DatasetSettings {
    return this.json(DatasetSettings, 'longhand.json');
  }

  async list(...parts: string[]): Promise<string[]> {
    return this.has(...parts) ? (await readdir(this.path(...parts))).sort() : [];
  }

  read(...parts: string[]): Promise<string> {
    return readFile(this.path(...parts), 'utf8');
  }

  /** Closes VS Code, and ends the round and the model that may still run when a step broke. */
  async close(): Promise<void> {
    await this.workbench.close();
    const runner =
      this.round && this.has('rounds', this.round, 'runner.json')
        ? await this.read('rounds', this.round, 'runner.json')
        : '';
    const state = runner === '' ? undefined : RunnerState.parse(JSON.parse(runner));
    if (state && ['starting', 'running'].includes(state.state) && isAlive(state.pid))
      process.kill(state.pid, 'SIGKILL');
    await this.longhand('starter', 'stop');
  }
}

export const REVIEWER = 'road';

/** One thing a user does on the way from a problem to a training set. */
export interface RoadStep {
  name: string;
  /** Does it in VS Code, asserts on the files of the dataset, and returns a summary with counts. */
  walk(road: Road): Promise<string>;
}

/**
 * The seeds of a round come from the dataset's id, which is new for each copy: with one id, the small model writes much the same
 * on every run, and a round without a single chain is not left to chance.
 */
async function fixIdentity(folder: string): Promise<void> {
  const file = join(folder, 'longhand.json');
  const settings = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, `${JSON.stringify({ ...settings, id: 'longhand-e2e-road' }, null, 2)}\n`);
}
