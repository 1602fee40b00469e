/** Values of the names in a gold expression. */
export type Variables = Readonly<Record<string, number>>;

const TOKEN = /\\frac|\\sqrt|\\pi|\\infty|\d+(?:\.\d+)?|[a-z]|[-+^(){}]/g;

/**
 * The numbers that a gold answer is made of, in reading order: one for an expression, several for a tuple, a set, a matrix, an
 * interval. It knows just the LaTeX of this dataset's golds and shares nothing with the grader, so that the two can't be wrong together.
 */
export function goldValues(answer: string, variables: Variables = {}): number[] {
  const plain = answer
    .replace(/\\left|\\right|\\%/g, '')
    .replace(/\\(?:begin|end)\{pmatrix\}/g, '')
    .replace(/\\[{}]/g, '')
    .replace(/^[a-z]=/, '');
  return plain
    .split(/,|&|\\\\|\\cup/)
    .map(stripOuter)
    .map((part) => new Reader(part, variables).value());
}

/** Without the parentheses and brackets of a tuple or interval, which splitting separated. */
function stripOuter(part: string): string {
  const text = part.trim().replace(/[[\]]/g, '');
  const depth = [...text].reduce((sum, char) => sum + (char === '(' ? 1 : char === ')' ? -1 : 0), 0);
  if (depth > 0) return text.replace(/^\(+/, '');
  return depth < 0 ? text.replace(/\)+$/, '') : text;
}

/** Sums of products of factors; factors side by side are multiplied. */
class Reader {
  private readonly tokens: string[];
  private readonly variables: Variables;
  private at = 0;

  constructor(text: string, variables: Variables) {
    this.tokens = text.match(TOKEN) ?? [];
    this.variables = variables;
    if (this.tokens.join('') !== text.replace(/\s/g, '')) throw new Error(`Can't read ${text}`);
  }

  value(): number {
    const sum = this.sum();
    if (this.at < this.tokens.length) throw new Error(`Left over: ${this.tokens.slice(this.at).join('')}`);
    return sum;
  }

  private sum(): number {
    let sum = this.take('-') ? -this.product() : this.product();
    for (;;) {
      if (this.take('+')) sum += this.product();
      else if (this.take('-')) sum -= this.product();
      else return sum;
    }
  }

  private product(): number {
    let product = this.power();
    while (this.tokens[this.at] && !/^[-+^)}]$/.test(this.tokens[this.at] ?? '')) product *= this.power();
    return product;
  }

  private power(): number {
    const base = this.factor();
    return this.take('^') ? base ** this.factor() : base;
  }

  private factor(): number {
    const token = this.tokens[this.at++];
    if (token === '\\frac') return this.factor() / this.factor();
    if (token === '\\sqrt') return Math.sqrt(this.factor());
    if (token === '\\pi') return Math.PI;
    if (token === '\\infty') return Number.POSITIVE_INFINITY;
    if (token === '{' || token === '(') {
      const inner = this.sum();
      this.at++;
      return inner;
    }
    const number = token === undefined ? Number.NaN : (this.variables[token] ?? Number(token));
    if (Number.isNaN(number)) throw new Error(`No value for ${token}`);
    return number;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }
}
