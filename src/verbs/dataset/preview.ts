import { mapRow, mapTrace, recogniseColumns, recogniseTraces } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import type { ColumnMapping, TraceMapping } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
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
  const traces = recogniseTraces(rows);
  return {
    format: source.format,
    rows,
    ...('reason' in columns ? { reason: columns.reason } : { mapping: columns }),
    ...('reason' in traces ? {} : { traces }),
    ...defined({ hub }),
  };
};

export const print: Print<'preview'> = ({ format, rows, mapping, reason, traces, hub }) => {
  const from = hub === undefined ? '' : `${hub.name}, licence ${hub.licence ?? 'unknown'}; `;
  if (mapping === undefined && traces === undefined) {
    return lines(`${from}${format}.`, reason ?? 'The columns are not recognised.');
  }
  return lines(
    `${from}${format}, the first ${plural(rows.length, 'row')}:`,
    ...(mapping === undefined ? [] : problemLines(rows, mapping)),
    ...(traces === undefined ? [] : traceLines(rows, traces)),
  );
};

function problemLines(rows: readonly unknown[], mapping: ColumnMapping): string[] {
  return [
    `Problems: ${usesOf(mapping)}; the answer is read ${HOW[mapping.answerFrom]}.`,
    ...rows.slice(0, SHOWN_ROWS).map((row) => {
      const mapped = mapRow(row, mapping);
      return 'reason' in mapped
        ? `  (${mapped.reason})`
        : `  ${short(mapped.problem.problem)} → ${short(mapped.problem.answer)}`;
    }),
  ];
}

function traceLines(rows: readonly unknown[], mapping: TraceMapping): string[] {
  return [
    `Traces: ${usesOf(mapping)}.`,
    ...rows.slice(0, SHOWN_ROWS).map((row) => {
      const mapped = mapTrace(row, mapping);
      if ('reason' in mapped) return `  (${mapped.reason})`;
      const [first] = mapped.traces;
      const text = first === undefined ? '' : (first.parts.thought ?? first.parts.answer);
      return `  ${plural(mapped.traces.length, 'trace')}: ${short(first?.question ?? '')} → ${short(text)}`;
    }),
  ];
}

/** `problem, answer ← meta.gold`. */
function usesOf({ answerFrom: _how, ...columns }: ColumnMapping | TraceMapping): string {
  return Object.entries(columns)
    .map(([use, column]) => (use === column ? use : `${use} ← ${column}`))
    .join(', ');
}

const SHOWN_ROWS = 5;
const SHOWN_CHARACTERS = 100;

const HOW = { plain: 'as it is', boxed: 'from the last \\boxed{}', hash: 'after the last ####' } as const;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
