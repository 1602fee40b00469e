import { repairDataset } from '../../store/repair.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { damageLines, repairText } from './damage.ts';

export const run: Run<'repair'> = ({ dataset: folder, files, plan }, { distFolder, log }) =>
  withDataset(folder, { log, distFolder }, async (dataset) => {
    const all = await dataset.index.findDamage();
    const unknown = files?.find((file) => !all.some((one) => one.file === file));
    if (unknown !== undefined) {
      const there =
        all.length === 0 ? 'No file of the dataset is.' : `These are: ${all.map(({ file }) => file).join(', ')}.`;
      throw new VerbError(`${unknown} is not damaged.`, there);
    }
    const damaged = files === undefined ? all : all.filter(({ file }) => files.includes(file));
    const { repaired, skipped } = plan ? { repaired: [], skipped: [] } : await repairDataset(dataset, files);
    return { damaged, repaired, skipped };
  });

export const print: Print<'repair'> = ({ damaged, repaired, skipped }) =>
  lines(
    ...(damaged.length === 0 ? ['Every line of the dataset can be read.'] : []),
    ...(repaired.length + skipped.length === 0 ? damageLines(damaged) : []),
    ...repaired.map((one) => `${repairText(one)}.`),
    ...skipped.map(({ file, reason }) => `${file} is left unchanged: ${reason}`),
  );
