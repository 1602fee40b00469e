import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { UserError } from '../core/errors.ts';

/** The model to train. `hub`: a name, which the trainer downloads; `gguf`: a file that must be converted first. */
export interface BaseModel {
  kind: 'folder' | 'gguf' | 'hub';
  /** Absolute path, or name of the hub. */
  path: string;
}

/** Names of the hub: `owner/name`, or an old one without owner. */
const HUB_NAME = /^[\w-][\w.-]*(?:\/[\w.-]+)?$/;

/**
 * Recognises a model by its path or name.
 * @throws UserError `no-model` for a path without a model.
 */
export async function findModel(given: string): Promise<BaseModel> {
  const path = resolve(given.startsWith('~/') ? join(homedir(), given.slice(2)) : given);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() && /\.gguf$/i.test(path)) return { kind: 'gguf', path };
  if (found?.isDirectory()) {
    if (await isFile(join(path, 'config.json'))) return { kind: 'folder', path };
    const adapter = await isFile(join(path, 'adapter_config.json'));
    const what = adapter ? 'contains a LoRA adapter but no model' : 'contains no model: config.json is missing';
    throw noModel(`${path} ${what}.`);
  }
  if (found) throw noModel(`${path} is not a model.`);
  if (isAbsolute(given) || /^[.~]/.test(given) || /\.(?:gguf|safetensors)$/i.test(given) || !HUB_NAME.test(given)) {
    throw noModel(`There is no model at ${path}.`);
  }
  return { kind: 'hub', path: given };
}

function noModel(message: string): UserError {
  const advice =
    'Choose a folder with config.json and safetensors, a GGUF file, or a model name on the Hugging Face hub.';
  return new UserError('no-model', message, advice);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
