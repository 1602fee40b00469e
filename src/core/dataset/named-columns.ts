import { defined } from '../defined.ts';
import { answerFromOf, type Unrecognised } from './columns.ts';
import { columnsOf, valueAt } from './values.ts';

type Columns = Readonly<Record<string, string | undefined>>;

/** Columns that a person named, by use. */
export type Named<M> = { readonly [Use in keyof M]?: M[Use] | undefined };

/**
 * The recognised columns with those that a person named. A named column loses the use that it was recognised for. The answer's format is
 * detected where only its column is named.
 * @param required The uses that must have a column.
 * @param rows The first rows of the file. @returns The reason where a named column is missing there, or a required use has none.
 */
export function withNamedColumns<M extends Columns>(
  recognised: M | Unrecognised,
  named: Named<M>,
  required: readonly (keyof M & string)[],
  rows: readonly unknown[],
): M | Unrecognised {
  const { answerFrom, ...given }: Record<string, string> = defined<Columns>(named) as Record<string, string>;
  const missing = Object.values(given).find((column) => !rows.some((row) => valueAt(row, column) !== undefined));
  if (missing !== undefined) return { reason: `The first rows have no column “${missing}”. ${listedColumns(rows)}` };
  const known: Columns = 'reason' in recognised ? {} : recognised;
  const taken = new Set(Object.values(given));
  const kept = Object.entries(known).filter(([use, column]) => use === 'answerFrom' || !taken.has(column ?? ''));
  const format = answerFrom ?? (given.answer === undefined ? undefined : answerFromOf(rows, given.answer));
  const columns: Columns = { ...Object.fromEntries(kept), ...given, ...defined({ answerFrom: format }) };
  const absent = required.find((use) => columns[use] === undefined);
  // The schema of the mapping has the same uses, and the required ones are there.
  if (absent === undefined) return columns as M;
  return 'reason' in recognised
    ? recognised
    : { reason: `No column is left for the ${absent}. ${listedColumns(rows)}` };
}

/** The columns of a file for a message: `It has: problem, answer.` */
function listedColumns(rows: readonly unknown[]): string {
  return `It has: ${columnsOf(rows).slice(0, 20).join(', ')}.`;
}
