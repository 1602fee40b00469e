import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { copySample } from '../../../scripts/lib/sample.ts';
import { DatasetSettings } from '../../../src/core/model/index.ts';
import { Workbench } from '../workbench.ts';

/** What the steps of the road share: VS Code, the dataset it has open, and what earlier steps found. */
export class Road {
  readonly workbench: Workbench;
  /** The dataset. */
  readonly folder: string;
  /** Files to import are written here, outside of the dataset. */
  readonly inputs: string;
  /** Name of the round that the road generates; set by the step that starts it. */
  round = '';
  /** Lines of the journal when the runner was killed. */
  paidBeforeKill = 0;

  private constructor(workbench: Workbench, folder: string, inputs: string) {
    this.workbench = workbench;
    this.folder = folder;
    this.inputs = inputs;
  }

  /** Copies the sample dataset to `folder` and opens it in VS Code with the extension. */
  static async begin(options: { vsix: string; folder: string; inputs: string; screenshots: string }): Promise<Road> {
    const { vsix, folder, inputs, screenshots } = options;
    await copySample(folder);
    const workbench = await Workbench.start({ vsix, folder, screenshots, settings: { 'longhand.reviewer': REVIEWER } });
    return new Road(workbench, folder, inputs);
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

  /** The lines of a JSONL file, validated; a file that is not there has none. A last line that is still being written is left out. */
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

  close(): Promise<void> {
    return this.workbench.close();
  }
}

export const REVIEWER = 'road';

/** One thing a user does on the way from a problem to a training set. */
export interface RoadStep {
  name: string;
  /** Does it in VS Code, asserts on the files of the dataset, and says with counts what came of it. */
  walk(road: Road): Promise<string>;
}
