import { basename } from 'node:path';
import type { ModelRef } from '../../core/schemas/index.ts';
import { STARTER_MODELS } from '../../models/starter/catalogue.ts';

/** At the end of the name of a served model: the start of its hash. */
const HASH = /-[0-9a-f]{8}$/;

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
