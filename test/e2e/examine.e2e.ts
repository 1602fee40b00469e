import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExaminationReport } from '../../src/core/examine/finding.ts';
import { plantedRows } from '../fixtures/planted.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';

/** Examine Data… on a dataset and on a file: the files that it writes, and its page. */
export default async function examineTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'examine' }, async ({ workbench, folder, home }) => {
    await suite.test('examine: a dataset', () => ofDataset(workbench, folder));
    await suite.test('examine: a file with planted faults', () => ofFile(workbench, home));
    await suite.test('examine: a file whose columns are chosen', () => ofChosenColumns(workbench, home));
  });
}

async function reportIn(workbench: Workbench, folder: string): Promise<ExaminationReport> {
  let text = '';
  await workbench.until('the report', async () => {
    text = await readFile(join(folder, 'report.json'), 'utf8').catch(() => '');
    return text !== '';
  });
  return ExaminationReport.parse(JSON.parse(text));
}

async function ofDataset(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Examine Data…', 'all chains and problems');
  const report = await reportIn(workbench, join(folder, 'examination'));
  assert.ok(report.rows > 50, `${report.rows} rows`);
  const page = workbench.webview();
  await page.getByRole('heading', { name: 'Examination' }).waitFor();
  await workbench.screenshot('dataset');
  await page.getByRole('button', { name: 'Show in Chain Table' }).first().click();
  await workbench.tab(/Chains: 1 of/);
  await workbench.screenshot('table');
}

async function ofFile(workbench: Workbench, home: string): Promise<void> {
  const file = join(home, 'rows.jsonl');
  const faults = { 'near-duplicate': 4, truncated: 3, loop: 3, 'think-tags': 2 };
  const rows = [...plantedRows(200, faults)].map(({ row }) => `${JSON.stringify(row)}\n`);
  await writeFile(file, rows.join(''));
  await workbench.command('Longhand: Examine Data…', 'A file…');
  await workbench.chooseFile(file);
  const report = await reportIn(workbench, `${file}.examination`);
  assert.equal(report.rows, 200);
  const counts = new Map(report.findings.map(({ id, count }) => [id as string, count]));
  for (const [id, count] of Object.entries(faults))
    assert.ok((counts.get(id) ?? 0) >= count, `${id}: ${counts.get(id)}`);
  const page = workbench.webview();
  await page.getByRole('heading', { name: /Near-duplicate problems/ }).waitFor();
  for (const theme of Object.keys(THEMES) as Theme[]) {
    await workbench.theme(theme);
    await workbench.screenshot(`file-${theme}`);
    assert.deepEqual(await accessibilityProblems(workbench.webview()), [], theme);
  }
  await workbench.theme('dark');
  await page.getByRole('button', { name: 'Show Rows of Near-duplicate problems' }).click();
  await workbench.tab(`Chains of rows.jsonl: ${counts.get('near-duplicate')} of 200`);
  await workbench.webview().getByRole('gridcell').first().waitFor();
  await workbench.screenshot('file-table');
  await workbench.page.locator('.tab', { hasText: 'Examination of rows.jsonl' }).click();
  await page
    .getByRole('button', { name: /, line \d/ })
    .first()
    .click();
  await workbench.page.locator('.tab.active').filter({ hasText: 'rows.jsonl' }).waitFor();
}

/** No name of a column is known, and the longest texts, which are taken for traces, are loops. */
async function ofChosenColumns(workbench: Workbench, home: string): Promise<void> {
  const file = join(home, 'named.jsonl');
  const faults = { 'near-duplicate': 4, truncated: 3, loop: 3, 'think-tags': 0 };
  const rows = [...plantedRows(100, faults)].map(({ row: { problem, response } }) => {
    return `${JSON.stringify({ aufgabe: problem, verlauf: response, anhang: 'Nothing of interest. '.repeat(500) })}\n`;
  });
  await writeFile(file, rows.join(''));
  await workbench.command('Longhand: Examine Data…', 'A file…');
  await workbench.chooseFile(file);
  await workbench.asks(/Nothing is written before/);
  await workbench.pick(/^\s*Trace\s*anhang/);
  await workbench.pick(/^\s*verlauf/);
  await workbench.pick(/^\s*Problem\s*none/);
  await workbench.pick(/^\s*aufgabe/);
  await workbench.screenshot('columns');
  await workbench.pick('Examine by These Columns');
  const report = await reportIn(workbench, `${file}.examination`);
  const counts = new Map(report.findings.map(({ id, count }) => [id as string, count]));
  assert.equal(report.rows, 100);
  for (const [id, count] of Object.entries(faults))
    assert.ok((counts.get(id) ?? 0) >= count, `${id}: ${counts.get(id)}`);
  assert.ok((counts.get('loop') ?? 0) < 10, 'the other column was examined');
}
