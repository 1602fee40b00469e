import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findField } from '../../../../src/core/query/fields.ts';
import {
  COLUMN_IDS,
  COLUMNS,
  type ColumnLayout,
  columnOf,
  DEFAULT_LAYOUT,
  ColumnLayout as LayoutSchema,
  moveColumn,
  resizeColumn,
  toggleColumn,
} from '../../../../src/core/review/table/columns.ts';

const ids = fc.constantFrom(...COLUMN_IDS);
const layouts = fc
  .uniqueArray(ids, { minLength: 1 })
  .map((shown): ColumnLayout => shown.map((id) => ({ id, width: columnOf(id).width })));

describe('the columns of the table', () => {
  it('are sorted by fields of the query language', () => {
    expect(COLUMNS.filter(({ field }) => findField(field) === undefined)).toEqual([]);
  });

  it('begin with a valid layout', () => {
    expect(LayoutSchema.parse(DEFAULT_LAYOUT)).toEqual(DEFAULT_LAYOUT);
  });

  it('stay a valid layout, whatever is moved, resized, shown and hidden', () => {
    const changes = fc.array(fc.tuple(ids, fc.integer({ min: -5, max: 40 }), fc.float({ noNaN: true })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(layouts, changes, (layout, list) => {
        let changed = layout;
        for (const [id, to, width] of list) {
          changed = toggleColumn(resizeColumn(moveColumn(changed, id, Math.max(0, to)), id, width), id);
          expect(LayoutSchema.safeParse(changed).success).toBe(true);
        }
      }),
    );
  });

  it('are moved without a change of their order otherwise', () => {
    fc.assert(
      fc.property(layouts, ids, fc.nat({ max: 20 }), (layout, id, to) => {
        const rest = (columns: ColumnLayout) => columns.filter((column) => column.id !== id);
        expect(rest(moveColumn(layout, id, to))).toEqual(rest(layout));
      }),
    );
    const [first, second, third] = DEFAULT_LAYOUT.map(({ id }) => id);
    expect(
      moveColumn(DEFAULT_LAYOUT, first ?? 'problem', 2)
        .map(({ id }) => id)
        .slice(0, 3),
    ).toEqual([second, first, third]);
  });
});
