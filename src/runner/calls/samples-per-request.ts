import type { ModelRef } from '../../core/schemas/index.ts';
import { MOST_CHOICES } from '../../models/choices.ts';
import { checkOf } from '../../store/index.ts';

/**
 * The default number of samples per request. Several only if the last check of the endpoint found that it supports `n`, since the server then decides
 * about the seeds; at most half of the requests in flight, since a request ends with its slowest choice. `folder` is the dataset's.
 */
export async function samplesPerRequestOf(folder: string, model: ModelRef, concurrency: number): Promise<number> {
  const known = model.kind === 'vscode' ? undefined : await checkOf(folder, model);
  return known?.n === 'honoured' ? Math.max(1, Math.min(MOST_CHOICES, Math.floor(concurrency / 2))) : 1;
}
