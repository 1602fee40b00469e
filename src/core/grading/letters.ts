import { lettersOf } from './expression/tokens.ts';

/** One letter with its subscript, a command, a run of letters, or any other character. */
const PART = /\\[A-Za-z]+|[A-Za-z]+(?:_\{\w{1,3}\}|_\w)?|./gs;

interface Part {
  readonly text: string;
  readonly isName: boolean;
}

/** The names (letters with their subscripts) of a normal form and what is between them. */
function partsOf(form: string): Part[] {
  const parts: Part[] = [];
  for (const match of form.matchAll(PART)) {
    const [text] = match;
    if (!/^[A-Za-z]/.test(text)) parts.push({ text, isName: false });
    else {
      const [run = '', subscript = ''] = text.split(/(?=_)/);
      const split = lettersOf(run, form[match.index + text.length]);
      split.forEach((piece, i) => {
        const last = i === split.length - 1;
        parts.push({ text: last ? piece + subscript.replace(/[{}]/g, '') : piece, isName: piece.length === 1 });
      });
    }
  }
  return parts;
}

/** The names in a normal form. */
export function namesIn(form: string): Set<string> {
  return new Set(partsOf(form).flatMap(({ text, isName }) => (isName ? [text] : [])));
}

/** The normal form with other names, all replaced at once. */
export function withNames(form: string, names: ReadonlyMap<string, string>): string {
  return partsOf(form)
    .map(({ text, isName }) => (isName ? (names.get(text) ?? text) : text))
    .join('');
}
