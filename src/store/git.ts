import { join } from 'node:path';
import { writeAtomic } from '../system/atomic-write.ts';
import { readText } from './lines/files.ts';

/** Byte offsets require that git keeps line ends. Each reviewer's file has one writer, so a merge keeps the lines of both sides. */
const GIT_ATTRIBUTES = [
  '*.jsonl text eol=lf',
  'reviews/*.jsonl text eol=lf merge=union',
  'calibrations/*/labels.jsonl text eol=lf merge=union',
];
const GIT_IGNORE = [
  '.cache/',
  '*.tmp',
  'rounds/*/runner.json',
  'rounds/*/runner.lock',
  'rounds/*/cancel',
  'judge/runner.lock',
  'workbench/runner.lock',
  'gradings/*/runner.lock',
  'evaluations/*/runner.lock',
  'comparisons/*/runner.lock',
  'comparisons/*/cancel',
  'runs/*/launch.lock',
  // Checkpoints have gigabytes.
  'runs/*/out/',
];

/** Adds the dataset's rules to .gitattributes and .gitignore. */
export async function writeGitFiles(root: string): Promise<void> {
  await addMissingLines(join(root, '.gitattributes'), GIT_ATTRIBUTES);
  await addMissingLines(join(root, '.gitignore'), GIT_IGNORE);
}

async function addMissingLines(path: string, lines: readonly string[]): Promise<void> {
  const text = (await readText(path)) ?? '';
  const existing = new Set(text.split(/\r?\n/));
  const missing = lines.filter((line) => !existing.has(line));
  if (missing.length === 0) return;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeAtomic(path, `${start}${missing.join('\n')}\n`);
}
