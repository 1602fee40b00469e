import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExportedChain, type FileEntry, ROW_FILES } from '../../core/export/index.ts';
import { errorCode } from '../../store/lines/files.ts';
import { fileHash } from '../../system/regular-file.ts';

const BATCH = 256 * 1024;

/** A file of an export in the making, hashed while it is written. It appears with its first row. */
class HashedFile {
  readonly name: string;
  rows = 0;
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  #file: FileHandle | undefined;
  #batch = '';
  #bytes = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.name = name;
  }

  /** @param json one row, without a line end */
  async row(json: string): Promise<void> {
    this.rows++;
    await this.write(`${json}\n`);
  }

  async write(text: string): Promise<void> {
    this.#batch += text;
    if (this.#batch.length >= BATCH) await this.#flush();
  }

  /** Writes what is left, on disk on return. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** What was written so far. */
  get entry(): FileEntry {
    const sha256 = this.#hash.copy().digest('hex');
    return { sha256, bytes: this.#bytes, ...(this.rows > 0 ? { rows: this.rows } : {}) };
  }

  async #flush(): Promise<void> {
    if (this.#batch === '') return;
    if (!this.#file) {
      await mkdir(this.#folder, { recursive: true });
      this.#file = await open(join(this.#folder, this.name), 'wx');
    }
    const bytes = Buffer.from(this.#batch, 'utf8');
    this.#batch = '';
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }
}

/** The files of an export that hold rows, one for each form. A form that no chain can take has no file. */
export class RowFiles {
  readonly #promptCompletion: HashedFile;
  readonly #messages: HashedFile;
  readonly #prefix: HashedFile;

  constructor(folder: string) {
    this.#promptCompletion = new HashedFile(folder, ROW_FILES.prompt_completion);
    this.#messages = new HashedFile(folder, ROW_FILES.messages);
    this.#prefix = new HashedFile(folder, ROW_FILES.prefix);
  }

  async add({ promptCompletion, prefix }: ExportedChain): Promise<void> {
    // Both forms have the same members, which are made into text once: that takes most of the time.
    const { prompt, completion, ...facts } = promptCompletion;
    const [user, assistant] = [prompt, completion].map((turns) => JSON.stringify(turns).slice(1, -1));
    const others = JSON.stringify(facts).slice(1);
    await this.#promptCompletion.row(`{"prompt":[${user}],"completion":[${assistant}],${others}`);
    await this.#messages.row(`{"messages":[${user},${assistant}],${others}`);
    if (prefix) await this.#prefix.row(JSON.stringify(prefix));
  }

  async close(): Promise<void> {
    for (const file of this.#all) await file.close();
  }

  get entries(): Record<string, FileEntry> {
    return Object.fromEntries(this.#all.filter((file) => file.rows > 0).map((file) => [file.name, file.entry]));
  }

  get #all(): HashedFile[] {
    return [this.#promptCompletion, this.#messages, this.#prefix];
  }
}

export async function writeHashed(folder: string, name: string, text: string): Promise<FileEntry> {
  const file = new HashedFile(folder, name);
  await file.write(text);
  await file.close();
  return file.entry;
}

/** Whether `there` exists, and holds the very files of `here`. */
export async function sameFolder(here: string, there: string): Promise<'absent' | 'same' | 'different'> {
  try {
    const [mine, theirs] = [await readdir(here), await readdir(there)];
    const visible = theirs.filter((name) => !name.startsWith('.')).sort();
    if (JSON.stringify(mine.sort()) !== JSON.stringify(visible)) return 'different';
    for (const name of mine) {
      if ((await fileHash(join(here, name))) !== (await fileHash(join(there, name)))) return 'different';
    }
    return 'same';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'absent';
    if (errorCode(error) === 'ENOTDIR' || errorCode(error) === 'EISDIR') return 'different';
    throw error;
  }
}
