import { splitTop } from '../brackets.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

const MATRIX = /^[([]?\\begin\{([pbvBV]?matrix|smallmatrix|array)\}(?:\{[clr|]*\})?(.*)\\end\{\1\}[)\]]?$/s;

/** Reads a LaTeX matrix, column or row vector; `read` reads the cells. */
export function readMatrix(text: string, read: (cell: string) => Value): ValueOf<'matrix'> | undefined {
  const match = MATRIX.exec(text);
  const body = match?.[2];
  if (body === undefined || /vmatrix/i.test(match?.[1] ?? '')) return undefined;
  const rows = splitTop(body.replace(/\\hline/g, ''), '\\').map((row) => splitTop(row, '&').map(read));
  return rows.length === 0 ? undefined : { shape: 'matrix', text, rows };
}

/** Entry by entry. A row or column also equals the tuple of its entries. */
export function equalMatrices(gold: ValueOf<'matrix'>, prediction: ValueOf<'matrix'>, comparison: Comparison): boolean {
  if (gold.rows.length !== prediction.rows.length) return false;
  const equal = gold.rows.every((row, i) => {
    const other = prediction.rows[i] ?? [];
    return (
      row.length === other.length &&
      row.every((cell, j) => {
        const there = other[j];
        return there !== undefined && comparison.equal(cell, there);
      })
    );
  });
  comparison.method = 'matrix';
  return equal;
}

/** The entries of a row or column vector. */
export function vectorEntries(value: ValueOf<'matrix'>): readonly Value[] | undefined {
  if (value.rows.length === 1) return value.rows[0];
  const column = value.rows.map((row) => (row.length === 1 ? row[0] : undefined));
  return column.every((cell) => cell !== undefined) ? column : undefined;
}
