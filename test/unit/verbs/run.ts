import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import type { VerbProgress } from '../../../src/protocol/progress.ts';
import { Dataset } from '../../../src/store/index.ts';
import { loadVerb, VERBS, type VerbArgs, type VerbName, type VerbResult } from '../../../src/verbs/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const DIST = join(ROOT, 'dist');
/** Third-party data that only a development machine has. */
export const SHARED = resolve(ROOT, '../shared/data');

export { temporaryFolder };

export interface Heard {
  progress: VerbProgress[];
  log: string[];
  /** Why the process that the verb followed failed. */
  why?: string;
}

/** Runs a verb as the command line does; the result is checked against its schema. */
export async function run<V extends VerbName>(
  verb: V,
  args: VerbArgs<V>,
  options: {
    signal?: AbortSignal;
    onProgress?: (progress: VerbProgress) => void;
    heard?: Heard;
    stdin?: Readable;
    rows?: Writable;
    env?: NodeJS.ProcessEnv;
  } = {},
): Promise<VerbResult<V>> {
  const body = await loadVerb(verb);
  const result = await body.run(args, {
    signal: options.signal ?? new AbortController().signal,
    progress: (progress) => {
      options.heard?.progress.push(progress);
      options.onProgress?.(progress);
    },
    log: (text) => options.heard?.log.push(text),
    distFolder: DIST,
    mediaFolder: join(ROOT, 'media'),
    env: options.env ?? {},
    input: () => options.stdin ?? Readable.from([]),
    rows: () => options.rows ?? new PassThrough(),
    endsBadly: (why) => {
      if (options.heard) options.heard.why = why;
    },
  });
  VERBS[verb].result.parse(result);
  return result;
}

export async function newDataset(): Promise<string> {
  return (await run('init', { dataset: join(await temporaryFolder(), 'dataset') })).dataset;
}

/** A file for an import. */
export async function file(name: string, content: string | readonly unknown[]): Promise<string> {
  const path = join(await temporaryFolder(), name);
  const text = typeof content === 'string' ? content : content.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(path, text);
  return path;
}

/** Opens a dataset to read it. */
export function open(folder: string): Promise<Dataset> {
  return Dataset.open(folder);
}
