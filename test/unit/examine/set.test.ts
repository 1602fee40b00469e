import { expect, test } from 'vitest';
import { addRow, emptyBatch } from '../../../src/core/examine/examined.ts';
import { setFindings } from '../../../src/core/examine/set.ts';
import { RowTable } from '../../../src/core/examine/table.ts';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';

const LONG = Array.from({ length: 60 }, (_, at) => `word${at}`).join(' ');
const ROWS = [
  { id: 'a', problem: 'One?', written: LONG },
  { id: 'b', problem: 'Two?', written: LONG },
  { id: 'c', problem: 'One?', written: LONG },
  { id: 'd', problem: 'Three?', written: LONG.replace('word3 ', 'other ') },
  { id: 'e', problem: 'Three?', written: LONG.replace('word3 ', 'other ') },
  { id: 'f', problem: 'Four?', written: 'Short.' },
  { id: 'g', problem: 'Five?', written: 'Short.' },
];

function found(): [string, string, string | undefined][] {
  const context = { filters: FilterSettings.parse({}), policy: resolvePolicy('default') };
  const batch = emptyBatch(ROWS.length);
  for (const [at, { id, problem, written }] of ROWS.entries()) {
    const reply = { written, parts: { answer: written }, ended: 'answered' as const };
    addRow(batch, at, { id, problem, reply }, undefined, context);
  }
  const table = new RowTable(ROWS.length);
  table.add(batch);
  return [...setFindings(table)].map(({ finding, id, group }) => [finding, id, group]);
}

test('equal replies to other problems are in the group of near duplicates', () => {
  const groups = found().filter(([finding]) => finding.endsWith('duplicate') || finding.endsWith('duplicate-reply'));
  expect(groups).toEqual([
    ['exact-duplicate', 'c', 'a'],
    ['exact-duplicate', 'e', 'd'],
    ['near-duplicate-reply', 'b', 'a'],
    ['near-duplicate-reply', 'd', 'a'],
    ['near-duplicate-reply', 'e', 'a'],
  ]);
});
