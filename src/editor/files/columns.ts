import { askTraceColumns } from '../dataset/trace-columns.ts';
import { t } from '../ui/format.ts';
import { fileInFront } from './open-file.ts';

/** Choose Columns…: shows how the first rows are read, and reads the file by other columns. */
export async function chooseColumns({ source } = fileInFront()): Promise<void> {
  const { name } = source.facts;
  const found = await askTraceColumns<'use'>({
    title: t('Columns of {0}', name),
    rows: await source.firstRows(),
    mapping: source.columns,
    problemIsOptional: true,
    confirm: () => [
      { icon: 'check', label: t('Use These Columns'), detail: t('The file itself is not changed.'), value: 'use' },
    ],
  });
  if (found !== undefined) await source.setColumns(found.mapping);
}
