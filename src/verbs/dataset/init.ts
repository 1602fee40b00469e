import { defined } from '../../core/defined.ts';
import { Dataset } from '../../store/index.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'init'> = async ({ dataset: folder, name }, { mediaFolder, log }) => {
  const dataset = await Dataset.create(folder, { mediaFolder, log, ...defined({ name }) });
  await dataset.close();
  return { dataset: dataset.folder, id: dataset.settings.id };
};

export const print: Print<'init'> = ({ dataset }) => `${dataset} is now a dataset.`;
