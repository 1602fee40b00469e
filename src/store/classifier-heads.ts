import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassifierHead } from '../core/schemas/index.ts';
import { createAtomic } from '../system/atomic-write.ts';
import type { Dataset } from './dataset.ts';
import { StoreError } from './errors.ts';
import { readdirIfExists, readText } from './lines/files.ts';
import { parseJson } from './lines/parse-json.ts';
import { refuseLinks } from './links.ts';
import { nextNumber } from './names.ts';

type Root = Pick<Dataset, 'folder'>;

const FOLDER = 'classifier';
/** A head has some 4 kB. */
const LARGEST = 256 * 1024;

/** A head of a dataset with the number of its file. */
export interface StoredHead {
  number: number;
  head: ClassifierHead;
}

/** The file with the highest number; undefined without one. @throws StoreError `bad-classifier` when it is not a valid head. */
export async function latestHead(dataset: Root): Promise<StoredHead | undefined> {
  const names = (await readdirIfExists(join(dataset.folder, FOLDER))).filter((name) =>
    /^[1-9]\d{0,8}\.json$/.test(name),
  );
  const number = Math.max(0, ...names.map((name) => Number.parseInt(name, 10)));
  if (number === 0) return undefined;
  const path = join(dataset.folder, FOLDER, `${number}.json`);
  const read = await headAt(path);
  if (typeof read !== 'string') return { number, head: read };
  throw new StoreError(
    'bad-classifier',
    `${path} is not a valid classifier of a dataset: ${read}.`,
    'Remove it, or update the classifier again with “longhand refit --apply”.',
  );
}

/** The head, or why there is none. */
async function headAt(path: string): Promise<ClassifierHead | string> {
  try {
    const { data, error } = ClassifierHead.safeParse(parseJson((await readText(path, LARGEST)) ?? ''));
    if (data !== undefined) return data;
    const issue = error.issues[0];
    return `${issue?.path.join('.') || 'file'}: ${issue?.message}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Writes a head as the next file, which no other process overwrites. @returns its number. @throws StoreError `symbolic-link` */
export async function writeHead(dataset: Root, head: ClassifierHead): Promise<number> {
  const folder = join(dataset.folder, FOLDER);
  await refuseLinks(dataset.folder, folder);
  await mkdir(folder, { recursive: true });
  const text = `${JSON.stringify(ClassifierHead.parse(head), null, 2)}\n`;
  for (;;) {
    const number = nextNumber(await readdir(folder));
    const path = join(folder, `${number}.json`);
    await refuseLinks(dataset.folder, path);
    if (await createAtomic(path, text)) return number;
  }
}
