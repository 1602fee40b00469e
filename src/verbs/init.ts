import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const init: Verb<'init'> = async ({ dataset: folder, name }, { mediaFolder, log }) => {
  const dataset = await Dataset.create(folder, { mediaFolder, log, ...(name === undefined ? {} : { name }) });
  await dataset.close();
  return { dataset: dataset.folder, id: dataset.settings.id };
};
