import { mapRow, recogniseColumns } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { firstRows, RECOGNISE_ROWS } from '../../store/source/index.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { knownColumns, openRows } from '../rows/source.ts';

/** Characters of JSON that are shown: rows of traces are long, and the caller holds all of them. */
const MOST_TEXT = 8_000_000;

export const run: Run<'preview'> = async ({ file }, context) => {
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
    ...defined({ hub }),
  };
};

export const print: Print<'preview'> = ({ format, rows, mapping, reason, hub }) => {
  const from = hub === undefined ? '' : `${hub.name}, licence ${hub.licence ?? 'unknown'}; `;
  if (mapping === undefined) return lines(`${from}${format}.`, reason ?? 'The columns are not recognised.');
  const { answerFrom, ...columns } = mapping;
  const uses = Object.entries(columns).map(([use, column]) => (use === column ? use : `${use} ← ${column}`));
  return lines(
    `${from}${format}: ${uses.join(', ')}; the answer is read ${HOW[answerFrom]}.`,
    ...rows.slice(0, SHOWN_ROWS).map((row) => {
      const mapped = mapRow(row, mapping);
      return 'reason' in mapped
        ? `  (${mapped.reason})`
        : `  ${short(mapped.problem.problem)} → ${short(mapped.problem.answer)}`;
    }),
  );
};

const SHOWN_ROWS = 5;
const SHOWN_CHARACTERS = 100;

const HOW = { plain: 'as it is', boxed: 'from the last \\boxed{}', hash: 'after the last ####' } as const;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
