import { recogniseColumns } from '../core/importing/index.ts';
import { firstRows, RECOGNISE_ROWS } from '../store/source/index.ts';
import type { Verb } from './context.ts';
import { knownColumns, openRows } from './row-source.ts';

/** Characters of JSON that are shown: rows of traces are long, and whoever asks holds them all. */
const MOST_TEXT = 8_000_000;

export const preview: Verb<'preview'> = async ({ file }, context) => {
  const { source, hub } = await openRows(file, context);
  const first = await firstRows(source, RECOGNISE_ROWS, { signal: context.signal });
  let left = MOST_TEXT;
  const rows = first.filter((row) => {
    left -= JSON.stringify(row)?.length ?? 0;
    return left >= 0;
  });
  const columns = knownColumns(rows, hub) ?? recogniseColumns(rows);
  return {
    format: source.format,
    rows,
    ...('reason' in columns ? { reason: columns.reason } : { mapping: columns }),
    ...(hub === undefined ? {} : { hub }),
  };
};
