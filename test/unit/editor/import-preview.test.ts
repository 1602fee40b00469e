import { describe, expect, it } from 'vitest';
import { recogniseColumns } from '../../../src/core/importing/index.ts';
import { columnSample, furtherColumns, previewRows, withColumn } from '../../../src/editor/import-preview.ts';

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
    expect(furtherColumns(mapping)).toContainEqual(['level', 'meta.level']);
  });

  it('follows a change of column, and never takes problem and answer from the same one', () => {
    const mapping = { problem: 'a', answer: 'b', answerFrom: 'plain', level: 'c' } as const;
    expect(withColumn(mapping, 'answer', 'd')).toEqual({ ...mapping, answer: 'd' });
    expect(withColumn(mapping, 'problem', 'b')).toEqual({ ...mapping, problem: 'b', answer: 'a' });
  });

  it('tells a column by its first value', () => {
    expect(columnSample(rows, 'meta.level')).toBe('1');
    expect(columnSample(rows, 'meta')).toBe('{"level":1}');
    expect(columnSample(rows, 'none')).toBe('');
  });
});
