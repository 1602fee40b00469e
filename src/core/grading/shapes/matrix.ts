import { splitTop } from '../brackets.ts';
import type { Comparison, Value, ValueOf } from './value.ts';

const MATRIX = /^[([]?\\begin\{([pbvBV]?matrix|smallmatrix|array)\}(?:\{[clr|]*\})?(.*)\\end\{\1\}[)\]]?$/s;

/** Reads a LaTeX matrix, column or row vector; `read` reads the cells. */
export function readMatrix(text: string, read: (cell: string) => Value): ValueOf<'matrix'> | undefined {
  const match = MATRIX.exec(text);
  const body = match?.[2];
  // One matrix, not the first and last of a sum, and no determinant.
  if (body === undefined || body.includes('\\end{') || /vmatrix/i.test(match?.[1] ?? '')) return undefined;
  const rows = splitTop(body.replace(/\\hline/g, ''), '\\').map((row) => splitTop(row, '&').map(read));
  return rows.length === 0 ? undefined : { shape: 'matrix', text, rows };
}

function sizeOf({ rows }: ValueOf<'matrix'>): string {
  const widths = [...new Set(rows.map((row) => row.length))];
  return `${rows.length}×${widths.join('/')}`;
}

/** Entry by entry. A row or column also equals the tuple of its entries. */
export function equalMatrices(gold: ValueOf<'matrix'>, prediction: ValueOf<'matrix'>, comparison: Comparison): boolean {
  const [a, b] = [sizeOf(gold), sizeOf(prediction)];
  let differs = '';
  if (a === b) {
    gold.rows.forEach((row, i) => {
      row.forEach((cell, j) => {
        const there = prediction.rows[i]?.[j];
        if (differs === '' && (there === undefined || !comparison.equal(cell, there)))
          differs = `The entry in row ${i + 1}, column ${j + 1} differs.`;
      });
    });
  } else differs = `The gold is a ${a} matrix, the answer a ${b} one.`;
  comparison.method = 'matrix';
  comparison.because = () => (differs === '' ? `All entries of the ${a} matrices are equal.` : differs);
  return differs === '';
}

/** The entries of a row or column vector. */
export function vectorEntries(value: ValueOf<'matrix'>): readonly Value[] | undefined {
  if (value.rows.length === 1) return value.rows[0];
  const column = value.rows.map((row) => (row.length === 1 ? row[0] : undefined));
  return column.every((cell) => cell !== undefined) ? column : undefined;
}
