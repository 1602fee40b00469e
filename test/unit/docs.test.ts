import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { referencePages } from '../../scripts/lib/reference-pages.ts';
import { messageOf } from '../../src/core/errors.ts';
import { parseQuery } from '../../src/core/query/parse.ts';
import { COMMANDS } from '../../src/editor/contributions/index.ts';
import { checkArgs, readCommandLine } from '../../src/verbs/command-line.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const PAGES = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: ROOT })].map((page) =>
  page.replaceAll('\\', '/'),
);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/^ {4}.*$/gm, '');
const withoutSpans = (text: string): string => withoutCode(text).replace(/`[^`\n]*`/g, '');

/** The anchors that GitHub makes from the headings of a page. */
function anchors(page: string): Set<string> {
  const headings = [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return new Set(headings);
}

it.each(PAGES)('the links of %s lead to files and headings that exist', (page) => {
  const links = [...withoutSpans(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/');
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchors(target).has(anchor);
  });
  expect(broken).toEqual([]);
});

it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('the files of the project that %s names exist', (page) => {
  const named = [...read(page).matchAll(/`((?:src|webview|scripts|test|media|docs)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('the pages of docs that code and tests name exist', () => {
  const files = globSync('{src,webview,scripts,test}/**/*.{ts,mjs,md}', { cwd: ROOT });
  const named = files.flatMap((file) =>
    [...read(file).matchAll(/docs\/[\w/-]+\.(?:md|svg|json)/g)].map(([path]) => path),
  );
  expect([...new Set(named)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('the commands that %s names exist', (page) => {
  const titles = new Set<string>(COMMANDS.map(({ title }) => title));
  const named = [...read(page).matchAll(/\*Longhand: ([^*]+)\*/g)].map(([, title = '']) => title.replace(/\s+/g, ' '));
  expect(named.filter((title) => title !== 'Command' && !titles.has(title))).toEqual([]);
});

/** What a reader fills in, where any text will not do. */
const FILLED_IN: Readonly<Record<string, string>> = { NUMBER: '1', URL: 'http://127.0.0.1:8000/v1' };

/** The words of a line of a shell up to a redirection or comment. */
function shellWords(line: string): string[] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  const end = words.findIndex(([, , , bare]) => bare !== undefined && /^[#<>|]/.test(bare));
  return words.slice(0, end < 0 ? undefined : end).map(([, single, double, bare = '']) => {
    return single ?? double ?? FILLED_IN[bare] ?? bare;
  });
}

/** Arguments of verbs that are queries. */
const QUERIES = ['where', 'a', 'b', 'control', 'shareOf'];

function problemOfCommand(line: string): string[] {
  try {
    const { verb, given } = readCommandLine(shellWords(line));
    if (verb === undefined) return [];
    const args: Record<string, unknown> = checkArgs(verb, given);
    const queries = QUERIES.map((name) => args[name]).filter((text) => typeof text === 'string');
    for (const query of queries) if (!['none', 'union'].includes(query)) parseQuery(query);
    return [];
  } catch (error) {
    return [`longhand ${line}: ${messageOf(error)}`];
  }
}

it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('the commands for a terminal of %s are understood', (page) => {
  const lines = [...read(page).matchAll(/^ {4}longhand (?!VERB)(.*)$/gm)].map(([, line = '']) => line);
  expect(lines.filter((line) => !line.includes('[--')).flatMap(problemOfCommand)).toEqual([]);
});

it('the README links to every page of docs', () => {
  const index = read('README.md');
  expect(PAGES.filter((page) => page.startsWith('docs/') && !index.includes(`](${page})`))).toEqual([]);
});

it.each(Object.entries(referencePages()))('%s equals the output of `npm run manifest`', (page, text) => {
  expect(read(page)).toBe(text);
});

it('the getting-started guide has at most 600 lines', () => {
  expect(read('docs/getting-started.md').split('\n').length).toBeLessThanOrEqual(600);
});
