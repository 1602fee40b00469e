import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { ModelForm } from '../core/model/index.ts';
import { readJson } from '../store/files.ts';
import { ServingError } from './errors.ts';

/** A model as a server opens it. */
export interface ServedModel {
  form: ModelForm;
  /** Absolute, or a name of the hub. */
  path: string;
  /** What it is called when it is served: tells one checkpoint from the next. */
  name: string;
  /** SHA-256 of the weights and what belongs to them; absent for a name. */
  hash?: string;
  adapter?: { base: string; rank: number };
}

const AdapterConfig = z.object({ base_model_name_or_path: z.string().min(1), r: z.number().int().positive() });
/** `owner/name`, or a name alone. */
const HUB_NAME = /^[\w.-]+(?:\/[\w.-]+)?$/;

export interface Looking {
  /** In place of a name that is made from the path and the hash. */
  name?: string | undefined;
  /** In place of the folder's name in one that is made. */
  called?: string | undefined;
  signal: AbortSignal;
  /** Bytes of the weights read so far. */
  onRead?: ((done: number, total: number) => void) | undefined;
}

/**
 * Finds out what a path or name stands for.
 * @throws ServingError when it is nothing that can be served.
 */
export async function lookAt(what: string, looking: Looking): Promise<ServedModel> {
  const path = resolve(what);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return ggufAt(path, looking);
  if (found?.isDirectory()) return folderAt(path, looking);
  if (HUB_NAME.test(what) && !what.endsWith('.gguf'))
    return { form: 'name', path: what, name: looking.name ?? plain(what) };
  throw new ServingError(
    `There is no ${path}.`,
    'Name a folder of safetensors, a GGUF file, a training run with --run, or a name of the Hugging Face hub.',
  );
}

async function ggufAt(path: string, looking: Looking): Promise<ServedModel> {
  const file = await open(path);
  const magic = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  if (magic.buffer.toString('latin1') !== 'GGUF') {
    throw new ServingError(
      `${path} is no GGUF file.`,
      'Name a GGUF file, or the folder in which config.json and the safetensors are.',
    );
  }
  const hash = await hashFiles([path], looking);
  return { form: 'gguf', path, name: looking.name ?? marked(basename(path, '.gguf'), hash), hash };
}

async function folderAt(path: string, looking: Looking): Promise<ServedModel> {
  const files = await readdir(path);
  const has = (file: string) => files.includes(file);
  const adapter = has('adapter_config.json');
  if (!adapter && !(has('config.json') && files.some((file) => file.endsWith('.safetensors')))) {
    throw new ServingError(
      `${path} holds no model: neither config.json with safetensors nor an adapter.`,
      'Name the folder of a checkpoint itself, such as out/checkpoint-100.',
    );
  }
  const parts = files.filter((file) => PART.test(file)).sort();
  const hash = await hashFiles(
    parts.map((file) => join(path, file)),
    looking,
  );
  const name = looking.name ?? marked(looking.called ?? folderName(path), hash);
  if (!adapter) return { form: 'folder', path, name, hash };
  const config = await readJson(join(path, 'adapter_config.json'), AdapterConfig);
  if (!config) {
    throw new ServingError(
      `adapter_config.json of ${path} names no base model.`,
      'Merge the adapter into its base model, and serve that.',
    );
  }
  return {
    form: 'adapter',
    path,
    name,
    hash,
    adapter: { base: config.base_model_name_or_path, rank: config.r },
  };
}

/** What decides how a model answers; not the state of the optimiser that lies beside it. */
const PART =
  /\.safetensors$|^(?:config|generation_config|adapter_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$|^(?:merges\.txt|tokenizer\.model|chat_template\.(?:jinja|json))$/;

/** Content and names. */
async function hashFiles(paths: readonly string[], { signal, onRead }: Looking): Promise<string> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const [index, path] of paths.entries()) {
    // A lone file may be called anything.
    if (paths.length > 1) hash.update(`${basename(path)}\0${sizes[index]}\0`);
    for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20, signal })) {
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      onRead?.(done, total);
    }
  }
  return hash.digest('hex');
}

/** `checkpoint-100` alone says little: the folder above is named too. */
function folderName(path: string): string {
  const own = basename(path);
  return /^checkpoint-\d+$/.test(own) ? `${basename(dirname(path))}-${own}` : own;
}

function marked(words: string, hash: string): string {
  return `${plain(words)}-${hash.slice(0, 8)}`;
}

/** Letters that every server takes in a name. */
function plain(words: string): string {
  return words.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'model';
}
