import { splitTop } from '../brackets.ts';
import { apply, type Node } from '../expression/node.ts';
import { readExpression } from './expression.ts';
import { readMatrix } from './matrix.ts';
import type { Value, ValueOf } from './value.ts';

type Rows = Node[][];
type Factor = { readonly scalar: Node } | { readonly rows: Rows };

/** Larger matrices are not computed. */
const MAX_SIDE = 6;
const ENVIRONMENT = /\\begin\{([pbB]?matrix|array)\}.*?\\end\{\1\}/gs;
const MARK = '\u0001';

/** The value of `\begin{vmatrix}`, by expansion along the first row; at most 5 × 5. */
export function readDeterminant(text: string, read: (cell: string) => Value): ValueOf<'expression'> | undefined {
  const body = /^\\begin\{vmatrix\}(.*)\\end\{vmatrix\}$/s.exec(text)?.[1];
  if (body === undefined) return undefined;
  const rows = rowsOf(splitTop(body, '\\').map((row) => splitTop(row, '&').map(read)));
  if (rows === undefined || rows.length > 5 || rows.some((row) => row.length !== rows.length)) return undefined;
  return { shape: 'expression', text, node: determinant(rows) };
}

function determinant(rows: Rows): Node {
  const [first = [], ...rest] = rows;
  const [only] = first;
  if (rows.length === 1 && only !== undefined) return only;
  const terms = first.map((entry, i) => {
    const minor = rest.map((row) => row.filter((_, j) => j !== i));
    const term = apply('multiply', entry, determinant(minor));
    return i % 2 === 0 ? term : apply('negate', term);
  });
  return apply('add', ...terms);
}

/** A sum, difference or product of matrices and factors, computed: `2\begin{pmatrix}…` or `A + B`. */
export function readMatrixSum(text: string, read: (cell: string) => Value): ValueOf<'matrix'> | undefined {
  const matrices: Rows[] = [];
  let readable = true;
  const outline = text.replace(ENVIRONMENT, (whole) => {
    const rows = rowsOf(readMatrix(whole, read)?.rows ?? []);
    if (rows === undefined || matrices.length >= 10) readable = false;
    else matrices.push(rows);
    return MARK;
  });
  if (!readable || matrices.length === 0 || outline === MARK) return undefined;
  let at = 0;
  let total: Rows | undefined;
  for (const part of signedTerms(outline)) {
    const factors = factorsOf(part.text, () => matrices[at++]);
    const product = factors === undefined ? undefined : multiply(factors);
    if (product === undefined) return undefined;
    const term = part.negative ? map(product, (cell) => apply('negate', cell)) : product;
    total = total === undefined ? term : add(total, term);
    if (total === undefined) return undefined;
  }
  if (total === undefined || total.some((row) => row.length !== total?.[0]?.length)) return undefined;
  return {
    shape: 'matrix',
    text,
    rows: total.map((row, i) => row.map((node, j) => entry(node, `${text}[${i},${j}]`))),
  };
}

/** The text only distinguishes entries; the node decides. */
function entry(node: Node, text: string): Value {
  return { shape: 'expression', text, node };
}

function rowsOf(rows: readonly (readonly Value[])[]): Rows | undefined {
  if (rows.length === 0 || rows.length > MAX_SIDE) return undefined;
  const nodes: Rows = [];
  for (const row of rows) {
    const entries = row.map((cell) => (cell.shape === 'expression' ? cell.node : undefined));
    const known = entries.filter((entry) => entry !== undefined);
    if (known.length !== row.length || row.length > MAX_SIDE || row.length !== rows[0]?.length) return undefined;
    nodes.push(known);
  }
  return nodes;
}

function signedTerms(outline: string): { text: string; negative: boolean }[] {
  const terms: { text: string; negative: boolean }[] = [];
  let depth = 0;
  let from = 0;
  let negative = false;
  for (let i = 0; i <= outline.length; i += 1) {
    const char = outline[i] ?? '';
    if ('([{'.includes(char) && char !== '') depth += 1;
    if (')]}'.includes(char) && char !== '') depth -= 1;
    if (depth > 0 || (i < outline.length && char !== '+' && char !== '-')) continue;
    if (outline.slice(from, i).trim() !== '') terms.push({ text: outline.slice(from, i), negative });
    negative = char === '-';
    from = i + 1;
  }
  return terms;
}

function factorsOf(term: string, next: () => Rows | undefined): Factor[] | undefined {
  const factors: Factor[] = [];
  for (const part of term.split(new RegExp(`(${MARK})`))) {
    const bare = part.replace(/^\s*(?:\\cdot|\\times|\*)|(?:\\cdot|\\times|\*)\s*$/g, '').trim();
    if (part === MARK) {
      const rows = next();
      if (rows === undefined) return undefined;
      factors.push({ rows });
    } else if (bare !== '') {
      const node = readExpression(bare)?.node;
      if (node === undefined) return undefined;
      factors.push({ scalar: node });
    }
  }
  return factors;
}

function multiply(factors: readonly Factor[]): Rows | undefined {
  let scalar: Node | undefined;
  let rows: Rows | undefined;
  for (const factor of factors) {
    if ('scalar' in factor) scalar = scalar === undefined ? factor.scalar : apply('multiply', scalar, factor.scalar);
    else rows = rows === undefined ? factor.rows : product(rows, factor.rows);
  }
  if (rows === undefined || scalar === undefined) return rows;
  const by = scalar;
  return map(rows, (cell) => apply('multiply', by, cell));
}

function product(a: Rows, b: Rows): Rows | undefined {
  if (a[0]?.length !== b.length) return undefined;
  return a.map((row) =>
    (b[0] ?? []).map((_, j) => {
      const terms = row.flatMap((entry, k) => {
        const other = b[k]?.[j];
        return other === undefined ? [] : [apply('multiply', entry, other)];
      });
      return apply('add', ...terms);
    }),
  );
}

function add(a: Rows, b: Rows): Rows | undefined {
  if (a.length !== b.length || a[0]?.length !== b[0]?.length) return undefined;
  return a.map((row, i) =>
    row.map((entry, j) => {
      const other = b[i]?.[j];
      return other === undefined ? entry : apply('add', entry, other);
    }),
  );
}

function map(rows: Rows, change: (entry: Node) => Node): Rows {
  return rows.map((row) => row.map(change));
}
