import type { RunReport } from '../protocol/training.ts';
import { shortened } from './format.ts';

/** As much of a model's name as a line of a tree or a list has room for. */
const ROOM = 30;

/** Names that say which model only together with the folder above. */
const VAGUE = /^(?:out|output|model|final|merged|adapter|checkpoint-\d+)$/i;

/**
 * What the model of a run is called in a line: of a server the name that it answers to, without the mark of its weights; of a path its last
 * part; the whole of any other name. Both ends are kept, since they tell models apart.
 */
export function runModel({ model, serving }: Pick<RunReport, 'model' | 'serving'>): string {
  if (serving !== undefined) return shortened(serving.modelName.replace(/-[0-9a-f]{8}$/, ''), ROOM);
  return model === undefined ? '' : shortened(lastPart(model), ROOM);
}

function lastPart(model: string): string {
  if (!/^[\\/]|^[A-Za-z]:/.test(model)) return model;
  const parts = model.split(/[\\/]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? model;
  return VAGUE.test(last) ? parts.slice(-2).join('/') : last;
}
