import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StepValues } from '../../protocol/step-values.ts';
import { linesOf } from './files.ts';

/** Step values of chains in the folder of a round. A later line of a chain replaces an earlier one. */
export const STEP_VALUES_FILE = 'step-values.jsonl';

interface Read {
  size: number;
  modified: number;
  values: ReadonlyMap<string, StepValues>;
}

/** The step values of a dataset's rounds. A file is read when it is first asked for, and again after a change. */
export class StepValuesFiles {
  readonly #read = new Map<string, Promise<Read>>();

  /** The latest values of a text of a chain. @param folders of the rounds @param text hash of the text */
  async of(folders: readonly string[], chainId: string, text: string): Promise<StepValues | undefined> {
    const found = await Promise.all(folders.map(async (folder) => (await this.#values(folder)).get(chainId)));
    return found
      .filter((values) => values?.text === text)
      .filter((values) => values !== undefined)
      .sort((a, b) => b.at.localeCompare(a.at))[0];
  }

  async #values(folder: string): Promise<Read['values']> {
    const path = join(folder, STEP_VALUES_FILE);
    const now = await stat(path).catch(() => undefined);
    if (now === undefined) return new Map();
    const before = await this.#read.get(path)?.catch(() => undefined);
    if (before?.size === now.size && before.modified === now.mtimeMs) return before.values;
    const reading = readValues(path).then((values) => ({ size: now.size, modified: now.mtimeMs, values }));
    this.#read.set(path, reading);
    return (await reading).values;
  }
}

async function readValues(path: string): Promise<Map<string, StepValues>> {
  const values = new Map<string, StepValues>();
  for await (const line of linesOf(path, StepValues)) values.set(line.chainId, line);
  return values;
}
