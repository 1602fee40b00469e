/** Brackets that are nested deeper do not occur in arithmetic by hand. */
const MAX_DEPTH = 30;

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

/** The token of each mark; brackets of all kinds are alike. */
const MARKS = new Map(
  Object.entries({
    ...{ '+': '+', '-': '-', '−': '-', '*': '*', '×': '*', '·': '*', '/': '/', '÷': '/', '^': '^', '%': '%' },
    ...{ '(': '(', '[': '(', '{': '(', ')': ')', ']': ')', '}': ')' },
  }),
);
/** Commands with their token in a group. Commands without one are ignored. */
const COMMAND = /\\(?:[,;!]|left|right|quad|(cdot|times|div|frac|dfrac|tfrac|sqrt|%))/y;
const TOKENS = new Map(
  Object.entries({
    cdot: '*',
    times: '*',
    div: '/',
    frac: 'frac',
    dfrac: 'frac',
    tfrac: 'frac',
    sqrt: 'sqrt',
    '%': '%',
  }),
);
const [ZERO, DOT, COMMA, BACKSLASH] = [48, 46, 44, 92];
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isSpace = (unit: number): boolean =>
  unit === 32 || (unit >= 9 && unit <= 13) || (unit >= 0xa0 && /\s/.test(String.fromCharCode(unit)));

function tokenise(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    if (isSpace(unit)) at += 1;
    else if (isDigit(unit) || (unit === DOT && isDigit(text.charCodeAt(at + 1)))) {
      const end = numberEnd(text, at);
      // `0110` is a number in another base.
      if (end === undefined || (unit === ZERO && isDigit(text.charCodeAt(at + 1)))) return undefined;
      pushNumber(tokens, text.slice(at, end));
      at = end;
    } else if (unit === BACKSLASH) {
      COMMAND.lastIndex = at;
      const command = COMMAND.exec(text);
      if (command === null) return undefined;
      const token = TOKENS.get(command[1] ?? '');
      if (token !== undefined) tokens.push(token);
      at = COMMAND.lastIndex;
    } else {
      const mark = MARKS.get(text.charAt(at));
      if (mark === undefined) return undefined;
      tokens.push(mark);
      at += 1;
    }
  }
  return tokens;
}

/** The end of the number at a place: `1,234.5`, `1{,}234`, `.5`. Undefined where a separator is not followed by three digits exactly. */
function numberEnd(text: string, start: number): number | undefined {
  let end = digitsEnd(text, start);
  if (end > start && end - start <= 3) {
    for (let group = groupAt(text, end); group > 0; group = groupAt(text, end)) {
      end = digitsEnd(text, group);
      if (end !== group + 3) return undefined;
    }
  }
  return text.charCodeAt(end) === DOT && isDigit(text.charCodeAt(end + 1)) ? digitsEnd(text, end + 1) : end;
}

/** Where the digits after a thousands separator begin; 0 where there is none. */
function groupAt(text: string, at: number): number {
  const from = text.charCodeAt(at) === COMMA ? at + 1 : text.startsWith('{,}', at) ? at + 3 : 0;
  return from > 0 && isDigit(text.charCodeAt(from)) ? from : 0;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
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
