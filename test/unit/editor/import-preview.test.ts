import { describe, expect, it } from 'vitest';
import { recogniseColumns } from '../../../src/core/dataset/index.ts';
import {
  columnSample,
  furtherColumns,
  offeredColumns,
  previewRows,
  withColumn,
} from '../../../src/editor/dataset/import-preview.ts';

const rows = [
  { question: 'What is\n2 + 2?', answer: '2 + 2 is 4.\n#### 4', meta: { level: 1 } },
  { question: 'What is 3 + 3?', answer: 'It is 6.\n#### 6', meta: { level: null } },
  { question: '', answer: 'nothing', meta: { level: 2 } },
];

describe('the preview of an import', () => {
  it('shows what the recognised mapping makes of the first rows, bad ones too', () => {
    const mapping = recogniseColumns(rows);
    if ('reason' in mapping) throw new Error(mapping.reason);
    expect(previewRows(rows, mapping, 2)).toEqual([
      { problem: 'What is 2 + 2?', answer: '4' },
      { problem: 'What is 3 + 3?', answer: '6' },
    ]);
    expect(previewRows(rows, mapping, 3).at(2)).toHaveProperty('reason');
    expect(furtherColumns(mapping, ['problem', 'answer'])).toContain('level ← meta.level');
  });

  it('follows a change of column, and never takes problem and answer from the same one', () => {
    const mapping = { problem: 'a', answer: 'b', answerFrom: 'plain', level: 'c' } as const;
    const uses = ['problem', 'answer'];
    expect(withColumn(mapping, uses, 'answer', 'd')).toEqual({ ...mapping, answer: 'd' });
    expect(withColumn(mapping, uses, 'problem', 'b')).toEqual({ ...mapping, problem: 'b', answer: 'a' });
    expect(withColumn(mapping, uses, 'answer', undefined)).toEqual({ ...mapping, answer: undefined });
    expect(withColumn(mapping, uses, 'problem', 'b', () => true)).toEqual({ ...mapping, problem: 'b' });
  });

  it('offers a use that has no column those that no other use has', () => {
    const columns = ['q', 'final', 'think'];
    const uses = ['problem', 'answer'];
    expect(offeredColumns(columns, {}, uses, 'problem')).toEqual(columns);
    expect(offeredColumns(columns, { problem: 'q' }, uses, 'answer')).toEqual(['final', 'think']);
    expect(offeredColumns(columns, { problem: 'q' }, uses, 'answer', (name) => name === 'q')).toEqual(columns);
    expect(offeredColumns(columns, { problem: 'q', answer: 'final' }, uses, 'answer')).toEqual(columns);
    expect(offeredColumns(['q'], { problem: 'q' }, uses, 'answer')).toEqual(['q']);
  });

  it('shows the first value of a column', () => {
    expect(columnSample(rows, 'meta.level')).toBe('1');
    expect(columnSample(rows, 'meta')).toBe('{"level":1}');
    expect(columnSample(rows, 'none')).toBe('');
  });
});
