import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { TrainerError } from './errors.ts';

/** The model that is to be trained. `hub`: a name, which the trainer downloads; `gguf`: a file that must be converted first. */
export interface BaseModel {
  kind: 'folder' | 'gguf' | 'hub';
  /** Absolute, or the name of the hub. */
  path: string;
}

/** Names of the hub: `owner/name`, or an old one without an owner. */
const HUB_NAME = /^[\w-][\w.-]*(?:\/[\w.-]+)?$/;

/**
 * What a person meant by a model.
 * @throws TrainerError `no-model` for a path where no model is.
 */
export async function findModel(given: string): Promise<BaseModel> {
  const path = resolve(given.startsWith('~/') ? join(homedir(), given.slice(2)) : given);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() && /\.gguf$/i.test(path)) return { kind: 'gguf', path };
  if (found?.isDirectory()) {
    if (await isFile(join(path, 'config.json'))) return { kind: 'folder', path };
    const adapter = await isFile(join(path, 'adapter_config.json'));
    const what = adapter ? 'holds a LoRA adapter and no model' : 'holds no model: config.json is missing';
    throw noModel(`${path} ${what}.`);
  }
  if (found) throw noModel(`${path} is no model.`);
  if (isAbsolute(given) || /^[.~]/.test(given) || /\.(?:gguf|safetensors)$/i.test(given) || !HUB_NAME.test(given)) {
    throw noModel(`There is no model at ${path}.`);
  }
  return { kind: 'hub', path: given };
}

function noModel(message: string): TrainerError {
  const advice = 'Name a folder with config.json and safetensors, a GGUF file, or a name of the Hugging Face hub.';
  return new TrainerError('no-model', message, advice);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
