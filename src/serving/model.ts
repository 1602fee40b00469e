import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import type { ModelForm } from '../core/schemas/index.ts';
import { readJson } from '../store/lines/files.ts';
import { openReadStream, openRegular } from '../system/regular-file.ts';

/** A model as a server opens it. */
export interface ServedModel {
  form: ModelForm;
  /** Absolute, or a name of the hub. */
  path: string;
  /** The name under which it is served; different for each checkpoint. */
  name: string;
  /** SHA-256 of the weights, configuration and tokenizer; absent for a name. */
  hash?: string;
  adapter?: { base: string; rank: number };
}

const AdapterConfig = z.object({ base_model_name_or_path: z.string().min(1), r: z.number().int().positive() });
/** `owner/name`, or a name alone. */
const HUB_NAME = /^[\w.-]+(?:\/[\w.-]+)?$/;

export interface InspectOptions {
  /** Replaces the name made from path and hash. */
  name?: string | undefined;
  /** Replaces the folder's name in that name. */
  folderName?: string | undefined;
  signal: AbortSignal;
  /** Bytes of the weights read so far. */
  onRead?: ((done: number, total: number) => void) | undefined;
}

/**
 * Finds out what kind of model a path or name is.
 * @throws UserError `serving` when it can't be served.
 */
export async function inspectModel(what: string, options: InspectOptions): Promise<ServedModel> {
  const path = resolve(what);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return ggufAt(path, options);
  if (found?.isDirectory()) return folderAt(path, options);
  if (HUB_NAME.test(what) && !what.endsWith('.gguf'))
    return { form: 'name', path: what, name: options.name ?? plain(what) };
  throw new UserError(
    'serving',
    `There is no ${path}.`,
    'Choose a folder of safetensors, a GGUF file, a training run with --run, or a model name on the Hugging Face hub.',
  );
}

async function ggufAt(path: string, options: InspectOptions): Promise<ServedModel> {
  // Only the magic number is read here; llama.cpp and the converters read the rest.
  const file = await openRegular(path);
  const magic = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  if (magic.buffer.toString('latin1') !== 'GGUF') {
    throw new UserError(
      'serving',
      `${path} is not a GGUF file.`,
      'Choose a GGUF file, or the folder with config.json and the safetensors.',
    );
  }
  const hash = await hashFiles([path], options);
  return { form: 'gguf', path, name: options.name ?? nameWithHash(basename(path, '.gguf'), hash), hash };
}

async function folderAt(path: string, options: InspectOptions): Promise<ServedModel> {
  const files = await readdir(path);
  const has = (file: string) => files.includes(file);
  const adapter = has('adapter_config.json');
  if (!adapter && !(has('config.json') && files.some((file) => file.endsWith('.safetensors')))) {
    throw new UserError(
      'serving',
      `${path} contains no model: neither config.json with safetensors nor an adapter.`,
      'Choose the folder of a checkpoint itself, such as out/checkpoint-100.',
    );
  }
  const parts = files.filter((file) => MODEL_FILE.test(file)).sort();
  const hash = await hashFiles(
    parts.map((file) => join(path, file)),
    options,
  );
  const name = options.name ?? nameWithHash(options.folderName ?? defaultName(path), hash);
  if (!adapter) return { form: 'folder', path, name, hash };
  const config = await readJson(join(path, 'adapter_config.json'), AdapterConfig);
  if (!config) {
    throw new UserError(
      'serving',
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

/** The files of a folder that decide how a model answers, without the state of the optimiser. */
export const MODEL_FILE =
  /\.safetensors$|^(?:config|generation_config|adapter_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$|^(?:merges\.txt|tokenizer\.model|chat_template\.(?:jinja|json))$/;

/** The SHA-256 of contents and names. */
async function hashFiles(paths: readonly string[], { signal, onRead }: InspectOptions): Promise<string> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const [index, path] of paths.entries()) {
    // The name of a single file does not matter.
    if (paths.length > 1) hash.update(`${basename(path)}\0${sizes[index]}\0`);
    for await (const chunk of await openReadStream(path, { highWaterMark: 4 << 20, signal })) {
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      onRead?.(done, total);
    }
  }
  return hash.digest('hex');
}

/** The folder's name; for `checkpoint-100` with that of its parent. */
function defaultName(path: string): string {
  const own = basename(path);
  return /^checkpoint-\d+$/.test(own) ? `${basename(dirname(path))}-${own}` : own;
}

function nameWithHash(name: string, hash: string): string {
  return `${plain(name)}-${hash.slice(0, 8)}`;
}

/** Replaces characters that some servers reject in a name. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'model';
}
