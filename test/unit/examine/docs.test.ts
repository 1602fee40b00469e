import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FINDING_IDS, FINDINGS } from '../../../src/core/examine/kinds.ts';

it('docs/reference/examination.md lists the findings as in the code', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/reference/examination.md'), 'utf8');
  const rows = FINDING_IDS.map((id) => {
    const { severity, about, filter } = FINDINGS[id];
    return `| \`${id}\` | ${severity} | ${about} | ${filter === undefined ? '–' : `\`${filter}\``} |`;
  });
  expect(page.split('\n').filter((line) => rows.some((row) => row.slice(0, 12) === line.slice(0, 12)))).toEqual(rows);
});
