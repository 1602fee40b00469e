import { ALLOWED, WORDS } from './words.ts';

export interface Problem {
  path: string;
  /** From 1. */
  line: number;
  problem: string;
}

const MOST_WORDS = 24;
const MOST_SUBJECT = 72;

/** Words of the list in the prose of a Markdown page, or in the strings of a TypeScript or JSON file. */
export function wordProblems(path: string, text: string): Problem[] {
  const allowed = ALLOWED.filter(({ where }) => path.startsWith(where));
  if (allowed.some(({ phrase }) => phrase === undefined)) return [];
  return proseOf(path, text).flatMap(({ line, prose }) => {
    const rest = allowed.reduce((left, { phrase }) => left.replace(phrase ?? '', '…'), prose);
    return WORDS.flatMap(({ avoid, use }) => {
      const found = avoid.exec(rest)?.[0];
      return found === undefined ? [] : [{ path, line, problem: `“${found}”. Use: ${use}.` }];
    });
  });
}

/** Sentences of a Markdown page with 25 words or more, and paragraphs with more than one semicolon. Tables are not read. */
export function longSentences(path: string, text: string): Problem[] {
  return paragraphs(text).flatMap(({ line, prose }) => {
    const long = prose
      .split(/(?<=[.!?:]["”’)*]*)\s+/)
      .filter((sentence) => wordCount(sentence) > MOST_WORDS)
      .map((sentence) => ({ path, line, problem: `${wordCount(sentence)} words: “${sentence.slice(0, 60)}…”` }));
    const semicolons = prose.split(';').length - 1;
    return semicolons > 1 ? [...long, { path, line, problem: `${semicolons} semicolons in a paragraph.` }] : long;
  });
}

/** What is wrong with the subjects of commits. */
export function subjectProblems(subjects: readonly string[]): Problem[] {
  return subjects.flatMap((subject) => {
    const wrong =
      subject.length > MOST_SUBJECT ? `${subject.length} characters` : subject.includes(';') ? 'a semicolon' : '';
    return wrong === '' ? [] : [{ path: 'git log', line: 1, problem: `The subject “${subject}” has ${wrong}.` }];
  });
}

interface Prose {
  line: number;
  prose: string;
}

function proseOf(path: string, text: string): Prose[] {
  if (path.endsWith('.md')) return withoutCode(text).map((prose, at) => ({ line: at + 1, prose }));
  if (path.endsWith('.json'))
    return text.split('\n').map((line, at) => ({ line: at + 1, prose: /: "(.*)"/.exec(line)?.[1] ?? '' }));
  return strings(text);
}

/** The lines of a Markdown page; code, comments, quotations and the targets of links are blank. */
function withoutCode(text: string): string[] {
  let fenced = false;
  let afterBlank = true;
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  return text
    .replace(/<!--[\s\S]*?-->/g, blank)
    .split('\n')
    .map((line) => {
      const fence = /^\s*```/.test(line);
      if (fence) fenced = !fenced;
      const code = fence || fenced || (afterBlank && line.startsWith('    ')) || line.startsWith('>');
      if (!line.startsWith('    ')) afterBlank = line.trim() === '';
      return code ? '' : line.replace(/(`+)(?:(?!\1).)+\1/g, 'X').replace(/\]\([^)]*\)/g, ']');
    });
}

/** Paragraphs and list items, each joined to one line. */
function paragraphs(text: string): Prose[] {
  const found: Prose[] = [];
  let open = false;
  for (const [at, line] of withoutCode(text).entries()) {
    const ends = line.trim() === '' || /^(?:#|\||!\[)/.test(line);
    const last = found.at(-1);
    if (ends) open = false;
    else if (open && last && !/^\s*(?:[-*]|\d+\.) /.test(line)) last.prose += ` ${line.trim()}`;
    else found.push({ line: at + 1, prose: line.trim().replace(/^(?:[-*]|\d+\.) /, '') });
    if (!ends) open = true;
  }
  return found;
}

const wordCount = (sentence: string): number =>
  sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Comments and regular expressions are matched first, so that a quote in them begins no string. */
const TOKENS =
  /\/\/.*|\/\*[\s\S]*?\*\/|(?<=[(=:,[!&|?]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|(?<quote>['"`])(?<text>(?:\\[\s\S]|(?!\k<quote>)[^\\])*?)\k<quote>/g;

/** String and template literals that read like text: with a space, or beginning with a capital. Expressions in templates are blank. */
function strings(text: string): Prose[] {
  return [...text.matchAll(TOKENS)].flatMap(({ index, groups }) => {
    const prose = (groups?.text ?? '').replace(/\$\{[^}]*\}/g, '…');
    return /\s|^\p{Lu}/u.test(prose) ? [{ line: text.slice(0, index).split('\n').length, prose }] : [];
  });
}
