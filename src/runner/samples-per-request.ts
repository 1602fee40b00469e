import type { ModelRef } from '../core/model/index.ts';
import { MOST_CHOICES } from '../models/choices.ts';
import { checkOf } from '../store/index.ts';

/**
 * Samples of one prompt that a request asks for where nobody has set a number. Several only where the last check of the endpoint found that it
 * honours `n`, since their seeds are then the server's to decide; and half of what may be in flight, at most, since a request ends with its
 * slowest choice and leaves its other places empty until then. `folder` is the dataset's.
 */
export async function samplesPerRequestOf(folder: string, model: ModelRef, concurrency: number): Promise<number> {
  const known = model.kind === 'vscode' ? undefined : await checkOf(folder, model);
  return known?.n === 'honoured' ? Math.max(1, Math.min(MOST_CHOICES, Math.floor(concurrency / 2))) : 1;
}
