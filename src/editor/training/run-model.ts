import { shortened } from '../../core/text/format.ts';
import type { RunReport } from '../../protocol/training.ts';

/** Characters of a model's name in a line of a tree or a list. */
const ROOM = 30;

/** Folder names that identify a model only together with the parent folder. */
const VAGUE = /^(?:out|output|model|final|merged|adapter|checkpoint-\d+)$/i;

/**
 * The short name of a run's model: of a server, the served name without the hash of its weights; of a path, the last part; otherwise the
 * whole name. Shortened in the middle, since both ends distinguish models.
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
