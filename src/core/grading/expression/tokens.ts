import { ExpressionError } from './error.ts';

export type Token =
  | { readonly kind: 'number'; readonly text: string }
  /** A letter, a Greek letter, a word in `\text{}`: anything that names a value. */
  | { readonly kind: 'name'; readonly text: string }
  /** A control sequence without its backslash, or a function written in plain letters. */
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/** Words that are commands even without a backslash, longest first so that `arcsin` is not a·r·c·sin. */
const WORDS = ['arcsin', 'arccos', 'arctan', 'sqrt', 'sinh', 'cosh', 'tanh'].concat([
  'sin',
  'cos',
  'tan',
  'cot',
  'sec',
  'csc',
  'log',
  'exp',
  'cis',
  'ln',
  'lg',
  'pi',
  'max',
  'min',
  'gcd',
  'lcm',
  'abs',
]);

const GREEK: ReadonlySet<string> = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma tau ' +
    'upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar'
  ).split(' '),
);

/** More than any real answer has; limits the parser's work. */
const MAX_TOKENS = 2_000;

function letters(run: string, out: Token[]): void {
  for (let i = 0; i < run.length; ) {
    const word = WORDS.find((candidate) => run.startsWith(candidate, i));
    out.push(word === undefined ? { kind: 'name', text: run[i] ?? '' } : { kind: 'command', text: word });
    i += word === undefined ? 1 : word.length;
  }
}

function command(name: string, out: Token[]): void {
  if (GREEK.has(name)) out.push({ kind: 'name', text: name });
  else out.push({ kind: 'command', text: name });
}

const PATTERN =
  /\s+|((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|\\([a-zA-Z]+)|([a-zA-Z]+)|(\*\*|\\[{}|]|[-+*/^_!'(){}[\]|:,=<>%&])/y;

/** Splits a normal form (see normalise.ts) into tokens. Throws ExpressionError on a character without a meaning here. */
export function tokenise(text: string): Token[] {
  const out: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < text.length) {
    const at = PATTERN.lastIndex;
    const match = PATTERN.exec(text);
    if (match === null) throw new ExpressionError(`Unexpected character at ${at}.`);
    const [, number, control, run, mark] = match;
    if (number !== undefined) out.push({ kind: 'number', text: number });
    else if (control !== undefined) command(control, out);
    else if (run !== undefined) letters(run, out);
    else if (mark !== undefined) out.push({ kind: 'mark', text: mark });
    if (out.length > MAX_TOKENS) throw new ExpressionError('The expression is too long.');
  }
  return out;
}
