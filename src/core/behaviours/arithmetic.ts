/** Brackets that are nested deeper do not occur in arithmetic by hand. */
const MAX_DEPTH = 30;
const TOKEN =
  /\s+|\\[,;!]|\\left|\\right|\\quad|(\d{1,3}(?:(?:,|\{,\})\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)|\\(cdot|times|div|frac|dfrac|tfrac|sqrt|%)|([-+−*/×÷·^%(){}[\]])/y;

/**
 * The value of an arithmetic expression: `+ − · / ^`, brackets, `\frac`, `\sqrt`, percent, thousands separators. Undefined for anything
 * else, for division by zero and for results that are not finite. In floating point: for testing claims, not for grading.
 */
export function evaluateArithmetic(text: string): number | undefined {
  const tokens = tokenise(text);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader = new Reader(tokens);
  const value = reader.sum(0);
  return reader.done && Number.isFinite(value) ? value : undefined;
}

type Token = number | string;

const SAME: Readonly<Record<string, string>> = {
  '−': '-',
  '×': '*',
  '·': '*',
  cdot: '*',
  times: '*',
  '÷': '/',
  div: '/',
  dfrac: 'frac',
  tfrac: 'frac',
  '[': '(',
  ']': ')',
  '{': '(',
  '}': ')',
};

function tokenise(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, number, command, mark] = match;
    if (number !== undefined) {
      // `0110` is a number in another base.
      if (/^0\d/.test(number)) return undefined;
      pushNumber(tokens, number);
    } else if (command !== undefined || mark !== undefined) {
      const name = command ?? mark ?? '';
      tokens.push(SAME[name] ?? name);
    }
  }
  return tokens;
}

/** `\frac12` is a half: without braces, a command takes one digit. */
function pushNumber(tokens: Token[], number: string): void {
  if (tokens.at(-1) === 'frac' && /^\d{2,}$/.test(number)) tokens.push(...[...number].map(Number));
  else tokens.push(Number(number.includes(',') ? number.replaceAll(/[{},]/g, '') : number));
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #failed = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** All tokens were read, and they form an expression. */
  get done(): boolean {
    return !this.#failed && this.#at === this.#tokens.length;
  }

  sum(depth: number): number {
    if (depth > MAX_DEPTH) return this.#fail();
    let value = this.#product(depth);
    for (;;) {
      if (this.#take('+')) value += this.#product(depth);
      else if (this.#take('-')) value -= this.#product(depth);
      else return value;
    }
  }

  #product(depth: number): number {
    let value = this.#signed(depth);
    for (;;) {
      const next = this.#tokens[this.#at];
      if (this.#take('*')) value *= this.#signed(depth);
      else if (this.#take('/')) value /= this.#signed(depth);
      // `3(4 + 1)` and `2\sqrt{9}` are products; two numbers side by side are not.
      else if (next === '(' || next === 'frac' || next === 'sqrt') value *= this.#power(depth);
      else return value;
    }
  }

  #signed(depth: number): number {
    if (depth > MAX_DEPTH) return this.#fail();
    if (this.#take('-')) return -this.#signed(depth + 1);
    if (this.#take('+')) return this.#signed(depth + 1);
    return this.#power(depth);
  }

  #power(depth: number): number {
    let base = this.#atom(depth);
    if (this.#take('%')) base /= 100;
    return this.#take('^') ? base ** this.#signed(depth + 1) : base;
  }

  #atom(depth: number): number {
    const token = this.#tokens[this.#at++];
    if (typeof token === 'number') return token;
    if (token === '(') {
      const value = this.sum(depth + 1);
      this.#close();
      return value;
    }
    if (token === 'frac') {
      const top = this.#atom(depth + 1);
      return top / this.#atom(depth + 1);
    }
    if (token === 'sqrt') return Math.sqrt(this.#atom(depth + 1));
    return this.#fail();
  }

  #close(): void {
    if (!this.#take(')')) this.#fail();
  }

  /** Stops reading. Not an exception: most texts beside an equals sign are not arithmetic, and exceptions are slow. */
  #fail(): number {
    this.#failed = true;
    this.#at = this.#tokens.length;
    return Number.NaN;
  }

  #take(mark: string): boolean {
    if (this.#tokens[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }
}
