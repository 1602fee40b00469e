import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examinationOf, FINDINGS_FILE } from '../../../../src/store/examination.ts';
import { FileFindings } from '../../../../src/store/trace-table/file-findings.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const lines = { rowOfLine: async (line: number) => line - 1 };
const { signal } = new AbortController();

/** A file that was examined after it was written. */
async function examined(): Promise<string> {
  const path = join(await temporaryFolder(), 'a.jsonl');
  await writeFile(path, '{}\n{}\n');
  await mkdir(examinationOf(path));
  const findings = join(examinationOf(path), FINDINGS_FILE);
  await writeFile(
    findings,
    `${JSON.stringify({ finding: 'refusal', id: 'line-2', line: 2, reason: 'It refuses.' })}\n`,
  );
  const later = new Date((await stat(path)).ctimeMs + 2000);
  await utimes(findings, later, later);
  return path;
}

test('findings are known until the file is another one, also an older one', async () => {
  const path = await examined();
  const findings = new FileFindings(path);
  expect(await findings.refresh(lines, signal)).toBe(true);
  expect(findings.known).toBe(true);

  const other = join(await temporaryFolder(), 'older.jsonl');
  await writeFile(other, '{}\n');
  const before = new Date(0);
  await utimes(other, before, before);
  // The time of the change of `other` must be after the findings, which are two seconds old from then on.
  const written = new Date((await stat(other)).ctimeMs - 2000);
  await utimes(join(examinationOf(path), FINDINGS_FILE), written, written);
  await rename(other, path);
  expect(await findings.refresh(lines, signal)).toBe(true);
  expect(findings.known).toBe(false);
});

test('many findings are read only where they are needed', async () => {
  const findings = new FileFindings(await examined());
  expect(await findings.refresh(lines, signal, 10)).toBe(false);
  expect(findings.known).toBe(false);
  expect(await findings.refresh(lines, signal)).toBe(true);
  expect(findings.known).toBe(true);
});
