import { placeOfTrace } from '../../store/side-file.ts';
import { count, t } from '../ui/format.ts';
import { askNumber, runSteps } from '../ui/steps.ts';
import { fileInFront } from './open-file.ts';
import { openTraceFile } from './open-trace-file.ts';

/** Go to Row…: asks for the number of a row of the file, and shows its first chain. */
export async function goToRow({ uri, source } = fileInFront()): Promise<void> {
  const { name, rows } = source.facts;
  let row: number | undefined;
  await runSteps(t('Go to Row of {0}', name), async (ui) => {
    row = await askNumber(ui, t('Number of the row, from 1 to {0}', count(rows)), rows);
    return undefined;
  });
  if (row !== undefined) await openTraceFile(uri, placeOfTrace(row, 0));
}
