import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examinationOf, FINDINGS_FILE } from '../../../../src/store/examination.ts';
import { FileFindings } from '../../../../src/store/trace-table/file-findings.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const rows = { rowOfLine: async (line: number) => line - 1 };
const { signal } = new AbortController();
const REFUSAL = [{ finding: 'refusal', id: 'line-2', line: 2, reason: 'It refuses.' }];

/** A file that was examined after it was written. */
async function examined(found: readonly object[] = REFUSAL): Promise<string> {
  const path = join(await temporaryFolder(), 'a.jsonl');
  await writeFile(path, '{}\n{}\n');
  await mkdir(examinationOf(path));
  const findings = join(examinationOf(path), FINDINGS_FILE);
  await writeFile(findings, found.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const later = new Date((await stat(path)).ctimeMs + 2000);
  await utimes(findings, later, later);
  return path;
}

test('findings are known until the file is another one, also an older one', async () => {
  const path = await examined();
  const findings = new FileFindings(path);
  expect(await findings.refresh(rows, signal)).toBe(true);
  expect(findings.known).toBe(true);

  const other = join(await temporaryFolder(), 'older.jsonl');
  await writeFile(other, '{}\n');
  const before = new Date(0);
  await utimes(other, before, before);
  // The time of the change of `other` must be after the findings, which are two seconds old from then on.
  const written = new Date((await stat(other)).ctimeMs - 2000);
  await utimes(join(examinationOf(path), FINDINGS_FILE), written, written);
  await rename(other, path);
  expect(await findings.refresh(rows, signal)).toBe(true);
  expect(findings.known).toBe(false);
});

test('many findings are read only where they are needed', async () => {
  const findings = new FileFindings(await examined());
  expect(await findings.refresh(rows, signal, 10)).toBe(false);
  expect(findings.known).toBe(false);
  expect(await findings.refresh(rows, signal)).toBe(true);
  expect(findings.known).toBe(true);
});

test('equal and nearly equal replies are one group, in any order of the findings', async () => {
  const near = { finding: 'near-duplicate-reply', id: 'line-2', line: 2, reason: '', group: 'line-1', groupLine: 1 };
  const nearToo = { ...near, id: 'line-3', line: 3 };
  const equal = { ...nearToo, finding: 'exact-duplicate', group: 'line-2', groupLine: 2 };
  const other = { ...equal, id: 'line-5', line: 5, group: 'line-4', groupLine: 4 };
  for (const lines of [
    [near, nearToo, equal, other],
    [equal, other, near, nearToo],
  ]) {
    const findings = new FileFindings(await examined(lines));
    await findings.refresh(rows, signal);
    const chains = findings.of({ chainsOf: () => 1, version: 1 });
    const groups = [...chains].map(([place, { group, replyGroup }]) => [place, group, replyGroup]).sort();
    expect(groups).toEqual(['1', '2', '3', '4', '5'].map((place) => [place, undefined, Number(place) < 4 ? '1' : '4']));
  }
});
