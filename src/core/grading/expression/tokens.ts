import { ExpressionError } from './error.ts';

export type Token =
  | { readonly kind: 'number'; readonly text: string }
  /** A letter, a Greek letter, a word in `\text{}`: anything that names a value. */
  | { readonly kind: 'name'; readonly text: string }
  /** A control sequence without its backslash, or a function written in plain letters. */
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/** Words that are commands even without a backslash, longest first so that `arcsin` is not a·r·c·sin. */
const WORDS = [
  'arcsinh',
  'arccosh',
  'arctanh',
  'arcsin',
  'arccos',
  'arctan',
  'arccot',
  'arcctg',
  'arctg',
  'cosec',
].concat([
  'sqrt',
  'sinh',
  'cosh',
  'tanh',
  'sech',
  'csch',
  'coth',
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

/** Names of functions in programs and other languages. Elsewhere than before a bracket they are products of letters. */
const CALLED: ReadonlySet<string> = new Set(
  (
    'asin acos atan acot asec acsc asinh acosh atanh arsinh arcosh artanh arcsec arccsc cotan cotg ctg tg ' +
    'Abs cbrt floor ceil ceiling factorial binomial Rational mod Re Im gamma'
  ).split(' '),
);

const GREEK: ReadonlySet<string> = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma tau ' +
    'upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar'
  ).split(' '),
);

/** More than any real answer has; limits the parser's work. */
const MAX_TOKENS = 2_000;

/** Splits a run of letters into names of functions and single letters. `next` is the character after the run. */
export function lettersOf(run: string, next = ''): string[] {
  const out: Token[] = [];
  letters(run, next, out);
  return out.map((token) => token.text);
}

function letters(run: string, next: string | undefined, out: Token[]): void {
  for (let i = 0; i < run.length; ) {
    const rest = run.slice(i);
    const word =
      next === '(' && rest.length <= 9 && CALLED.has(rest)
        ? rest
        : WORDS.find((candidate) => rest.startsWith(candidate));
    if (word === 'gamma') out.push({ kind: 'name', text: 'Gamma' });
    else out.push(word === undefined ? { kind: 'name', text: run[i] ?? '' } : { kind: 'command', text: word });
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
    else if (run !== undefined) letters(run, text[PATTERN.lastIndex], out);
    else if (mark !== undefined) out.push({ kind: 'mark', text: mark });
    if (out.length > MAX_TOKENS) throw new ExpressionError('The expression is too long.');
  }
  return out;
}
