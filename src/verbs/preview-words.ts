import { mapRow } from '../core/importing/index.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

const SHOWN_ROWS = 5;
const SHOWN_CHARACTERS = 100;

/** The first rows and their columns, for a person at a terminal. */
export function previewed({ format, rows, mapping, reason, hub }: VerbResult<'preview'>): string {
  const from = hub === undefined ? '' : `${hub.name}, licence ${hub.licence ?? 'unknown'}; `;
  if (mapping === undefined) return lines(`${from}${format}.`, reason ?? 'Its columns are not recognised.');
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
}

const HOW = { plain: 'as it stands', boxed: 'from the last \\boxed{}', hash: 'after the last ####' } as const;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
