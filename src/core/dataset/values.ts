/** Extensions of files with rows; the content decides between JSON and JSONL. */
export const ROW_EXTENSIONS = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet', 'eval'] as const;

/** Whether the extension of a name is one of a file with rows. */
export function isRowFile(name: string): boolean {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return name.includes('.') && ROW_EXTENSIONS.some((one) => one === extension);
}

/** A row of a file. */
export type Row = Readonly<Record<string, unknown>>;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Limits hostile rows, which may nest without end. */
const DEEPEST = 3;

/** The value at a dotted path; a name that contains dots is tried first. */
export function valueAt(row: unknown, path: string): unknown {
  if (!isRow(row)) return undefined;
  if (Object.hasOwn(row, path)) return row[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(row, head)) continue;
    const found = valueAt(row[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The dotted paths of all values in some rows in order of appearance, shallow ones first. */
export function columnsOf(rows: readonly unknown[]): string[] {
  const found = new Map<string, number>();
  const visit = (value: Row, prefix: string, depth: number): void => {
    for (const [name, member] of Object.entries(value)) {
      const path = prefix + name;
      if (isRow(member) && depth < DEEPEST) visit(member, `${path}.`, depth + 1);
      else if (!found.has(path)) found.set(path, depth);
    }
  };
  for (const row of rows) if (isRow(row)) visit(row, '', 1);
  return [...found].sort(([, a], [, b]) => a - b).map(([path]) => path);
}

/** The last name of a path without case and punctuation: `meta.Final_Answer` is `finalanswer`. */
export function plainColumn(path: string): string {
  return path
    .slice(path.lastIndexOf('.') + 1)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A scalar or a list of scalars as text; undefined for anything else and for blank text. */
export function scalarText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const members = value.map(scalarText);
    return members.length > 0 && members.every((member) => member !== undefined) ? members.join(', ') : undefined;
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The first column, in the order of `names`, in which `usable` accepts most rows. */
export function findColumn(
  columns: readonly string[],
  names: readonly string[],
  rows: readonly unknown[],
  usable: (value: unknown) => boolean,
): string | undefined {
  for (const name of names) {
    for (const column of columns) {
      if (plainColumn(column) === name && mostly(rows, (row) => usable(valueAt(row, column)))) return column;
    }
  }
  return undefined;
}

export function mostly(rows: readonly unknown[], holds: (row: unknown) => boolean): boolean {
  return rows.length > 0 && rows.filter(holds).length * 2 >= rows.length;
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
