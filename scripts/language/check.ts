// Fails on words that the product does not use, on long sentences in docs, and on commit subjects that break the rules: `npm run check`.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { longSentences, type Problem, subjectProblems, wordProblems } from './rules.ts';
import { CLEAN } from './words.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Subjects of older commits follow no rule. */
const CHECKED_SINCE = '2026-12-01T04:30:00Z';

const files = CLEAN.flatMap((path) => {
  const isFolder = statSync(join(root, path)).isDirectory();
  return isFolder ? globSync(`${path}/**/*.{md,ts,json}`, { cwd: root }) : [path];
}).map((path) => path.replaceAll('\\', '/'));

const problems: Problem[] = files
  .filter((path) => !/^(?:docs\/results|scripts\/sample\/chains)\//.test(path))
  .sort()
  .flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const isPage = path.endsWith('.md') && path !== 'CHANGELOG.md';
    return [...wordProblems(path, text), ...(isPage ? longSentences(path, text) : [])];
  });

// Without git, there is nothing to check.
const log = spawnSync('git', ['log', '--format=%s', `--since=${CHECKED_SINCE}`], { cwd: root, encoding: 'utf8' });
if (log.status === 0) problems.push(...subjectProblems(log.stdout.split('\n').filter((line) => line !== '')));

for (const { path, line, problem } of problems) console.error(`${path}:${line}: ${problem}`);
if (problems.length > 0)
  console.error(`${problems.length} problems of language. scripts/language/words.ts lists the words.`);
process.exitCode = problems.length > 0 ? 1 : 0;
