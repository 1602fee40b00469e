import { expect, test } from 'vitest';
import { lineId } from '../../../src/core/examine/finding.ts';
import { placeOfFinding } from '../../../src/core/examine/format.ts';

test('a finding names the id of its row and the line, and a line only once', () => {
  expect(placeOfFinding({ id: 'aime-3', line: 1200 }, (id) => `<${id}>`)).toBe('<aime-3>, line 1,200');
  expect(placeOfFinding({ id: '1-first/p2/0' })).toBe('1-first/p2/0');
  expect(placeOfFinding({ id: lineId(1200), line: 1200 })).toBe('line 1,200');
});
