import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defined } from '../../core/defined.ts';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { SelectionsPlan } from '../../core/selections/index.ts';
import { STARTER_MODELS } from '../../models/starter/catalogue.ts';
import { MODEL_FILE } from '../../serving/model.ts';
import { openRegular } from '../../system/regular-file.ts';
import { trainerOf } from '../../trainers/index.ts';
import { findModel } from '../../trainers/model.ts';
import { VerbError } from '../context.ts';

/** At the end of the name of a served model: the start of its hash. */
const HASH = /-[0-9a-f]{8}$/;

/** Bytes that are read at the beginning, in the middle and at the end of a file. */
const SAMPLE = 1 << 16;

type TrainedModel = Pick<SelectionsPlan['training'], 'trainer' | 'model' | 'modelHash'>;

/**
 * The model that is trained, so that each later start takes the same one: an absolute path in place of a relative one, and a hash of the files.
 * @throws UserError `no-model` for a path without a model
 */
export async function pinModel({ trainer, model }: Omit<TrainedModel, 'modelHash'>): Promise<TrainedModel> {
  if (model === undefined || model === 'starter' || trainerOf(trainer).hosted)
    return { trainer, ...defined({ model }) };
  const { kind, path } = await findModel(model);
  return { trainer, model: path, ...(kind === 'hub' ? {} : { modelHash: await hashOf(path) }) };
}

/** @throws VerbError where the model has changed since it was planned */
export async function refuseOtherModel({ comparison, training }: SelectionsPlan): Promise<void> {
  const { model, modelHash } = training;
  if (model === undefined || modelHash === undefined) return;
  if ((await hashOf((await findModel(model)).path)) === modelHash) return;
  throw new VerbError(
    `The files of ${model} have changed since comparison ${comparison} was planned.`,
    'Restore them and resume, or start another comparison: its arms must be alike.',
  );
}

/** SHA-256 of names, sizes and parts of the files, which changes wherever the model is trained further, and takes no time for large ones. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? (await readdir(path)).filter((file) => MODEL_FILE.test(file)).sort() : [''];
  for (const name of files) {
    const file = await openRegular(join(path, name));
    try {
      const { size } = await file.stat();
      hash.update(`${name}\0${size}\0`);
      for (const at of [0, Math.floor(size / 2), Math.max(0, size - SAMPLE)]) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE), 0, SAMPLE, at);
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }
  return hash.digest('hex');
}

/**
 * Whether a model that was sampled, evaluated or trained before is the one that a comparison trains, by its name: nothing is installed or read for a plan.
 * @param known a model of the dataset, or what an earlier training was asked to train
 * @param named the model of the comparison; undefined for the starter
 */
export function isSameModel(known: ModelRef | string, named = 'starter'): boolean {
  if (typeof known !== 'string' && known.kind === 'starter') return named === 'starter';
  const name = typeof known === 'string' ? known : known.model;
  const own = named === 'starter' ? STARTER_MODELS.map(({ file }) => file) : [named];
  return own.some((one) => shortName(one) === shortName(name));
}

const shortName = (name: string): string =>
  basename(name)
    .replace(/\.gguf$/i, '')
    .replace(HASH, '');
