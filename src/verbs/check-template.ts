import { Dataset } from '../store/index.ts';
import { findExport } from '../trainers/export-rows.ts';
import { convertGguf } from '../trainers/gguf.ts';
import { findModel } from '../trainers/model.ts';
import { pythonWords } from '../trainers/python.ts';
import { readThroughTemplate } from '../trainers/template-check.ts';
import { type Verb, VerbError } from './context.ts';
import { trainingModel } from './training-model.ts';

export const checkTemplate: Verb<'check-template'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const { path, cache } = await trainingModel(args.model, dataset.settings, context);
  const source = await findExport(dataset.exportsFolder, 'messages', args.export);
  const base = await findModel(path);
  if (base.kind === 'hub') {
    const advice = 'Name a folder that holds the model, such as the hub’s cache on this machine.';
    throw new VerbError(`${path} is not on this machine.`, advice);
  }
  const doing = (message: string): void => context.progress({ done: 0, unit: 'rows', message });
  const python = pythonWords({}, cache, 'local', 'trainer');
  const model = base.kind === 'gguf' ? await convertGguf(base.path, { ...context, cache, python, doing }) : base.path;
  return { model: path, export: source.name, ...(await readThroughTemplate(model, source.path, args.row)) };
};
