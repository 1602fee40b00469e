// Notations of other writers than LaTeX, rewritten as LaTeX: commands without their backslash, programs, circled numbers, derivatives.
// All functions work on an answer before its normal form (see normalise.ts).

/** What is left of `\frac` when `\f` was read as an escape, and the same for the other letters; each before its first argument. */
const REMAINDERS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\\A-Za-z])(?:[dt]?frac|rac)(?=\s*(?:\{|\d\s*\d|pi|\\))/g, '\\frac'],
  [/(?<![\\A-Za-z])s?qrt(?=\s*[{[])/g, '\\sqrt'],
  [/(?<![\\A-Za-z])(sum|prod|int|lim)(?=\s*_)/g, '\\$1'],
  [/(?<![\\A-Za-z])t?ext(?=\s*\{[^{}]*[A-Za-z])/g, '\\text'],
  [/(?:\t|(?<=[\d})\s]))imes(?=\s*[\d\\({])/g, '\\times '],
  [/(?<=[\d})\s])times(?=\s*\d)/g, '\\times '],
  [/(?<=[\d})\s])cdot(?=\s*[\d\\({])/g, '\\cdot '],
  [/(?<=[\d})]\s*)\^\s*\{?\s*circ\}?(?![A-Za-z])/g, '^\\circ '],
  [/(?<![\\A-Za-z])(?:left|eft)(?=\s*[([{|])/g, '\\left'],
  [/(?<!\\r?)(?:\r|(?<=[\d)}]))r?ight(?=\s*[)\]}|])/g, '\\right'],
  [/(?<![\\A-Za-z])(?:b?egin)(?=\{(?:[pbvBV]?matrix|cases|array|aligned)\})/g, '\\begin'],
  [/(?<![\\A-Za-z])end(?=\{(?:[pbvBV]?matrix|cases|array|aligned)\})/g, '\\end'],
  [/(?<=[\w)}]\s)(le|ge|leq|geq|ne|neq)(?=\s+[-\d\\])/g, '\\$1 '],
  [/^\s*([-+]?)\s*(infty|pi|alpha|beta|gamma|theta|lambda)\s*$/g, '$1\\$2'],
];

/** Commands that lost their backslash, or its first letter too: `rac{1}{2}`, a tab and `ext{cm}`, `2qrt{3}`. */
function restoreCommands(text: string): string {
  if (!/[a-z]/.test(text)) return text;
  let out = text.replace(/\\\s+(?=frac|sqrt)/g, '\\').replace(/(?<=frac\s?|\d)pi(?=\s*[{\d])/g, '\\pi ');
  for (const [left, command] of REMAINDERS) out = out.replace(left, command);
  return out;
}

/** The arguments between the bracket at `open` and its partner, and the index after it; undefined if it does not close. */
function argumentsAt(
  text: string,
  open: number,
): { readonly list: readonly string[]; readonly end: number } | undefined {
  const list: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    const ends = depth === 0;
    if (!ends && !(depth === 1 && char === ',')) continue;
    list.push(text.slice(from, i).trim());
    from = i + 1;
    if (ends) return { list, end: i + 1 };
  }
  return undefined;
}

const RANGE = /^\(\s*([a-z])\s*,\s*([^,()]{1,40})\s*,\s*([^,()]{1,40})\s*\)$/i;

/** `sum(k^2, k, 1, n)` and `Sum(k^2, (k, 1, n))` in LaTeX; undefined for any other list of arguments. */
function series(name: string, list: readonly string[]): string | undefined {
  const [body = '', ...range] = list;
  const [, ...inner] = RANGE.exec(range[0] ?? '') ?? [];
  const [index, first, last] = range.length === 1 ? inner : range;
  if (!/^[a-z]$/i.test(index ?? '') || first === undefined || last === undefined || range.length > 3) return undefined;
  if (/^integra/i.test(name)) return `\\int_{${first}}^{${last}}(${named(body)})d${index}`;
  return `\\${/^sum/i.test(name) ? 'sum' : 'prod'}_{${index}=${first}}^{${last}}(${body})`;
}

/** The compute engine reads LaTeX only. */
function named(body: string): string {
  return body.replace(/(?<![\\A-Za-z])(sin|cos|tan|ln|log|exp)(?=\()/g, '\\$1');
}

/** `limit(sin(x)/x, x, 0)` in LaTeX. */
function limit(list: readonly string[]): string | undefined {
  const [body, letter, point, ...more] = list;
  if (body === undefined || !/^[a-z]$/i.test(letter ?? '') || point === undefined || more.length > 0) return undefined;
  return `\\lim_{${letter}\\to ${point}}(${named(body)})`;
}

/** `Matrix([[1, 2], [3, 4]])` and `Matrix([1, 4])`, which is a column. */
function matrix(list: readonly string[]): string | undefined {
  const [rows, ...more] = list;
  if (rows === undefined || more.length > 0 || !rows.startsWith('[')) return undefined;
  const inside = argumentsAt(rows, 0);
  if (inside === undefined || inside.end !== rows.length) return undefined;
  const cells = inside.list.map((row) => (row.startsWith('[') ? (argumentsAt(row, 0)?.list ?? []) : [row]));
  return `\\begin{pmatrix}${cells.map((row) => row.join('&')).join('\\\\')}\\end{pmatrix}`;
}

const PROGRAM = /(?<![\\A-Za-z])(sum|product|prod|integrate|integral|limit|Matrix)\s*\(/gi;
/** More calls than an answer has. */
const MAX_CALLS = 20;

/** Calls of computer algebra systems, and their names for i, e and ∞. */
function openPrograms(text: string): string {
  let out = text;
  PROGRAM.lastIndex = 0;
  for (let calls = 0; calls < MAX_CALLS; calls += 1) {
    const match = PROGRAM.exec(out);
    if (match === null) break;
    const [whole, name = ''] = match;
    const given = argumentsAt(out, match.index + whole.length - 1);
    const list = given?.list ?? [];
    const called = /^matrix$/i.test(name) ? matrix(list) : /^limit$/i.test(name) ? limit(list) : series(name, list);
    if (given !== undefined && called !== undefined) out = out.slice(0, match.index) + called + out.slice(given.end);
  }
  const program = /\*|\b(?:sqrt|exp|log|sin|cos)\(/.test(out);
  const plain = out.replace(/(?<![A-Za-z\\])oo(?![A-Za-z])/g, '\\infty ');
  return program
    ? plain.replace(/(?<![A-Za-z\\_])I(?![A-Za-z(_])/g, 'i').replace(/(?<![A-Za-z\\_])E(?=\s*(?:\*\*|\^))/g, 'e')
    : plain;
}

/** Circled numbers name statements, so several are a list, and one after a number or word begins an item. */
function openCircles(text: string): string {
  // `① 3; ② 4` numbers two answers.
  if (/^\s*①\s*[^\u2460-\u2473\s,，、;；][^①]*②\s*[^\u2460-\u2473\s,，、;；.。]/.test(text))
    return text.replace(/[\u2460-\u2473]/g, (mark) => `(${(mark.codePointAt(0) ?? 0) - 0x245f})`);
  return text.replace(/(?<=[\u2460-\u2473])\s*(?:[,，、和及]\s*)?(?=[\u2460-\u2473])/g, ', ');
}

const DERIVATIVE =
  /\\[dt]?frac\s*\{\s*(?:\\mathrm\{d\}|d)\s*(?:\^\s*\{?\s*([23])\s*\}?)?\s*([A-Za-z])\s*\}\s*\{\s*(?:\\mathrm\{d\}|d)\s*([a-z])\s*(?:\^\s*\{?\s*([23])\s*\}?)?\s*\}/g;

/** `\frac{dy}{dx}` and `\dot{y}` as `y'` in an equation, and their second and third derivatives. */
function spellDerivatives(text: string): string {
  if (!text.includes('=')) return text;
  return text
    .replace(DERIVATIVE, (whole, order: string | undefined, name: string, _by: string, again: string | undefined) =>
      order === again ? `${name}${"'".repeat(Number(order ?? 1))}` : whole,
    )
    .replace(/\\(d?)dot\s*(?:\{\s*([A-Za-z])\s*\}|\s([A-Za-z])(?![A-Za-z]))/g, (_, twice: string, a = '', b = '') => {
      return `${a}${b}${twice === '' ? "'" : "''"}`;
    });
}

const LINED = String.raw`(?:aligned|align\*?|alignedat|gather\*?|gathered|split|eqnarray\*?)`;
const LINES = new RegExp(
  String.raw`(?:\\left\s*\\(?:\{|lbrace)\s*)?\\begin\s*\{${LINED}\}(?:\[[a-z]\])?(.*?)\\end\s*\{${LINED}\}(?:\s*\\right\s*\.)?`,
  'gs',
);

/** The lines of `aligned` and similar environments side by side; a line that begins with `=` continues the one before it. */
function joinLines(text: string): string {
  if (!text.includes('\\begin')) return text;
  return text.replace(LINES, (whole, body: string) => {
    if (body.includes('\\begin')) return whole;
    const lines = body.split(/\\\\(?:\[[^\]]{0,10}\])?/).map((line) => line.replace(/(?<!\\)&/g, ' ').trim());
    return ` ${lines
      .filter((line) => line !== '')
      .join(' , ')
      .replace(/,\s*(?=\\?(?:[=<>]|le|ge)(?![A-Za-z]))/g, ' ')} `;
  });
}

/** One LaTeX spelling for all of these. Answers that are LaTeX already are unchanged. */
export function toLatex(text: string): string {
  return joinLines(spellDerivatives(openPrograms(restoreCommands(openCircles(text)))));
}
