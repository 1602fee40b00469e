import { ROW_HEIGHT, scrollScale } from './rows.ts';

/** The cell of the cursor; column 0 is the one that selects. */
export interface ActiveCell {
  row: number;
  column: number;
}

interface GridSize {
  /** Rows. */
  total: number;
  /** Columns beside the one that selects. */
  columns: number;
  /** Of the screen, in pixels. */
  height: number;
}

/** Where a key moves the cursor to; undefined for other keys. Home and End are the first and the last row. */
export function moveCell({ row, column }: ActiveCell, key: string, size: GridSize): ActiveCell | undefined {
  const page = Math.max(1, Math.floor(size.height / ROW_HEIGHT) - 2);
  const rows: Record<string, number> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: size.total - 1,
  };
  const columns: Record<string, number> = { ArrowRight: column + 1, ArrowLeft: column - 1 };
  const [toRow, toColumn] = [rows[key], columns[key]];
  if (toRow !== undefined) return { row: Math.max(0, Math.min(size.total - 1, toRow)), column };
  if (toColumn === undefined) return undefined;
  return { row, column: Math.max(0, Math.min(size.columns, toColumn)) };
}

/** Scrolls a cell into view, below the header. @param total Rows of the table. */
export function showCell(grid: HTMLElement, { row, column }: ActiveCell, total: number): void {
  const scale = scrollScale(grid.clientHeight, total);
  const [top, scrolled] = [row * ROW_HEIGHT, grid.scrollTop * scale];
  const shown = grid.clientHeight - 2 * ROW_HEIGHT;
  if (top < scrolled) grid.scrollTop = Math.floor(top / scale);
  else if (top > scrolled + shown) grid.scrollTop = Math.ceil((top - shown) / scale);
  const head = grid.querySelector<HTMLElement>(`#column-${column}`);
  if (head === null) return;
  const { offsetLeft, offsetWidth } = head;
  if (offsetLeft < grid.scrollLeft) grid.scrollLeft = offsetLeft;
  else if (offsetLeft + offsetWidth > grid.scrollLeft + grid.clientWidth)
    grid.scrollLeft = offsetLeft + offsetWidth - grid.clientWidth;
}
