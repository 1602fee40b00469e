import { Dataset } from '../store/index.ts';
import type { VerbContext } from './context.ts';

/** Opens a dataset for `work`, and closes it afterwards. Rejects as either does. */
export async function withDataset<T>(
  folder: string,
  { log }: Pick<VerbContext, 'log'>,
  work: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await Dataset.open(folder, { log });
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}
