import { expect, it } from 'vitest';
import { longSentences, subjectProblems, wordProblems } from '../../../scripts/language/rules.ts';
import { ALLOWED, WORDS } from '../../../scripts/language/words.ts';

const found = (path: string, text: string) => wordProblems(path, text).map(({ line, problem }) => `${line} ${problem}`);

it('finds a word of the list in a page, with its line and what to use', () => {
  expect(found('README.md', '# Title\n\nThe trainer has told no loss.\n')).toEqual([
    '3 “told”. Use: report, show, print, return, describe.',
  ]);
});

it('reads no code, no quotation, no comment and no target of a link', () => {
  const page =
    '`job/` runs.\n\n    longhand say --at once\n\n```\ntold\n```\n\n> He said.\n\n<!-- told -->\n\n[run](job.md)\n';
  expect(found('README.md', page)).toEqual([]);
});

it('reads the strings of TypeScript, and neither comments nor identifiers', () => {
  const text = [
    '// told in a comment',
    "import { told } from './told.ts';",
    'const told = /["\'] said/.test(x) ? "job" : \'Nobody knows.\';',
    ['const text = `The run ', '{told} stands there.`;'].join('$'),
  ].join('\n');
  expect(found('src/file.ts', text).map((problem) => problem.slice(0, 11))).toEqual(['3 “Nobody”.', '4 “stands”.']);
});

it('reads the values of JSON', () => {
  expect(found('package.nls.json', '{\n  "command.job": "Open Job Log"\n}\n')).toHaveLength(1);
});

it('allows what the list of exceptions names, each with a reason', () => {
  expect(found('README.md', 'A Slurm job and a Ray job run.')).toEqual([]);
  expect(found('README.md', 'A job runs.')).toHaveLength(1);
  expect(ALLOWED.every(({ why }) => why.length > 10)).toBe(true);
});

it.each(WORDS)('“$avoid” matches whole words only', ({ avoid }) => {
  expect(avoid.source).toMatch(/^\\b.*\\b$/);
});

it('finds sentences of 25 words or more, and a second semicolon', () => {
  const words = (count: number) => `${Array.from({ length: count }, () => 'word').join(' ')}.`;
  expect(longSentences('README.md', words(24))).toEqual([]);
  expect(longSentences('README.md', `Short.\n\n${words(12)}\n${words(25)}`)).toMatchObject([{ line: 3 }]);
  expect(longSentences('README.md', `- ${words(24)}\n- ${words(24)}`)).toEqual([]);
  expect(longSentences('README.md', 'One; two.')).toEqual([]);
  expect(longSentences('README.md', 'One; two; three.')).toHaveLength(1);
  expect(longSentences('README.md', `| ${words(30)} |`)).toEqual([]);
});

it('finds subjects of commits that are too long or hold a semicolon', () => {
  expect(subjectProblems(['Fix kappa for empty classes', 'x'.repeat(72)])).toEqual([]);
  expect(subjectProblems(['x'.repeat(73), 'Fix one; fix two'])).toHaveLength(2);
});
