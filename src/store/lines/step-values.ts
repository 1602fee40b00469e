import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { StepValues } from '../../protocol/step-values.ts';
import { readLineAt, readLines } from './files.ts';
import type { LinePlace } from './line-writer.ts';

/** Step values of chains in the folder of a round. A later line of the same text of a chain replaces an earlier one. */
export const STEP_VALUES_FILE = 'step-values.jsonl';

/** What is known of a file: where the latest line of each text of a chain is. A line may be kilobytes, so that lines are read when they are asked for. */
interface Read {
  inode: number;
  size: number;
  modified: number;
  /** End of the last complete line, in bytes. */
  end: number;
  places: Map<string, LinePlace>;
}

const OfText = StepValues.pick({ chainId: true, text: true });
type OfText = z.infer<typeof OfText>;

const keyOf = ({ chainId, text }: OfText): string => JSON.stringify([chainId, text]);

/** The step values of a dataset's rounds. A file is read when it is first asked for, and what is new in it after a change. */
export class StepValuesFiles {
  readonly #read = new Map<string, Promise<Read>>();

  /** The latest values of a text of a chain. @param folders of the rounds @param text hash of the text */
  async of(folders: readonly string[], chainId: string, text: string): Promise<StepValues | undefined> {
    const found = await Promise.all(
      folders.map((folder) => this.#values(join(folder, STEP_VALUES_FILE), { chainId, text })),
    );
    return found.filter((values) => values !== undefined).sort((a, b) => b.at.localeCompare(a.at))[0];
  }

  async #values(path: string, of: OfText): Promise<StepValues | undefined> {
    const place = (await this.#places(path)).get(keyOf(of));
    if (place === undefined) return undefined;
    const line = await readLineAt(path, place.offset, place.length).catch(() => undefined);
    const values = StepValues.safeParse(line).data;
    // The file may be another one by now.
    return values?.chainId === of.chainId && values.text === of.text ? values : undefined;
  }

  async #places(path: string): Promise<Read['places']> {
    const now = await stat(path).catch(() => undefined);
    if (now === undefined) return new Map();
    const before = await this.#read.get(path)?.catch(() => undefined);
    const isSame = before?.inode === now.ino;
    if (isSame && before.size === now.size && before.modified === now.mtimeMs) return before.places;
    const known = isSame && now.size >= before.end ? before : { end: 0, places: new Map<string, LinePlace>() };
    const reading = readPlaces(path, known).then((read) => ({
      ...{ ...read, inode: now.ino, size: now.size, modified: now.mtimeMs },
    }));
    this.#read.set(path, reading);
    return (await reading).places;
  }
}

/** Adds the lines from `end` on. */
async function readPlaces(path: string, { end, places }: Pick<Read, 'end' | 'places'>) {
  let last = end;
  for await (const line of readLines(path, { from: end })) {
    if ('error' in line) {
      if (!line.torn) last = line.offset + line.length;
      continue;
    }
    last = line.offset + line.length;
    const of = OfText.safeParse(line.value).data;
    if (of) places.set(keyOf(of), { offset: line.offset, length: line.length });
  }
  return { end: last, places };
}
