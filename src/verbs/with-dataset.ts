import { join } from 'node:path';
import { Dataset } from '../store/index.ts';
import type { VerbContext } from './context.ts';

type OpenContext = Pick<VerbContext, 'log' | 'distFolder'>;

/** Opens a dataset with its index; see Dataset.open. */
export function openDataset(folder: string, { log, distFolder }: OpenContext): Promise<Dataset> {
  return Dataset.open(folder, { log, scanWorker: join(distFolder, 'scan-worker.mjs') });
}

/** Opens a dataset for `work`, and closes it afterwards. Rejects as either does. */
export async function withDataset<T>(
  folder: string,
  context: OpenContext,
  work: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await openDataset(folder, context);
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}
