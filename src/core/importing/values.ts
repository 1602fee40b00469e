/** A row of a file: anything that JSON can hold. */
export type Row = Readonly<Record<string, unknown>>;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How deep a dotted path may reach: hostile rows nest without end. */
const DEEPEST = 3;

/** What stands at a dotted path; a name that itself holds dots is tried as it is first. */
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

/** The dotted paths of all values of some rows, in order of first appearance; shallow ones first. */
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

/** The last name of a path without case and marks: `meta.Final_Answer` is `finalanswer`. */
export function plainColumn(path: string): string {
  return path
    .slice(path.lastIndexOf('.') + 1)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A scalar as text, a list of one as its member; undefined for anything else and for blank text. */
export function scalarText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const members = value.map(scalarText);
    return members.length > 0 && members.every((member) => member !== undefined) ? members.join(', ') : undefined;
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The first column by the order of `names` for which most rows hold something that `usable` accepts. */
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

/** The middle of some numbers; 0 for none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
