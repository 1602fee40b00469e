import { plural } from '../../core/text/format.ts';
import { Dataset } from '../../store/index.ts';
import { findExport } from '../../trainers/export-rows.ts';
import { convertGguf } from '../../trainers/gguf.ts';
import { findModel } from '../../trainers/model.ts';
import { pythonCommand } from '../../trainers/python.ts';
import { readThroughTemplate } from '../../trainers/template/template-check.ts';
import { VerbError } from '../context.ts';
import { lines, markedRow } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { trainingModel } from './training-model.ts';

export const run: Run<'check-template'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const { path, cache } = await trainingModel(args.model, dataset.settings, context);
  const source = await findExport(dataset.exportsFolder, 'messages', args.export);
  const base = await findModel(path);
  if (base.kind === 'hub') {
    const advice = 'Choose a folder that contains the model, such as the cache of the hub on this machine.';
    throw new VerbError(`${path} is not on this machine.`, advice);
  }
  const onStep = (message: string): void => context.progress({ done: 0, unit: 'rows', message });
  const python = pythonCommand({}, cache, 'local', 'trainer');
  const model = base.kind === 'gguf' ? await convertGguf(base.path, { ...context, cache, python, onStep }) : base.path;
  return {
    model: path,
    export: source.name,
    ...(await readThroughTemplate(model, source.path, context, { shownId: args.row })),
  };
};

export const print: Print<'check-template'> = ({ model, export: name, own, rows, findings, sample }) =>
  lines(
    `${plural(rows, 'row')} of ${name} through ${own ? 'the chat template' : 'a plain template instead of that'} of ${model}:`,
    ...(findings.length === 0 ? ['  No problem found: all rows keep their reasoning and mask.'] : []),
    ...findings.map((one) => `  ${plural(one.rows, 'row')}: ${one.message} ${one.advice}`),
    ...(sample ? ['', ...markedRow(sample)] : []),
  );
