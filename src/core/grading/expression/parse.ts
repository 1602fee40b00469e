import { parseDecimal, repeatingDecimal, whole } from '../rational.ts';
import { ExpressionError, NeedsEngineError } from './error.ts';
import { ACCENTS, ALIASES, BEYOND, FENCES, FUNCTION_LETTERS, INVERSE, LISTS, PAIRS, SPELLED } from './names.ts';
import { apply, FUNCTIONS, isMinusOne, type Node, substituted } from './node.ts';
import { type Token, tokenise } from './tokens.ts';

/** Maximum depth: recursion on hostile input must not overflow the stack. */
const MAX_DEPTH = 80;
/** Maximum number of terms to which a sum is expanded. */
const MAX_TERMS = 500;

class Parser {
  private at = 0;
  private depth = 0;
  private bars = 0;
  /** The number of terms to which sums and products are expanded so far. */
  private terms = 1;
  private tokens: Token[];
  /** Where the last exponent ended. */
  private raised = -1;
  /** Where a repeating decimal ended: more digits after it are an error. */
  private closed = -1;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  parse(): Node {
    const node = this.sum();
    if (this.at < this.tokens.length) throw new ExpressionError(`Unexpected “${this.peek()?.text}”.`);
    return node;
  }

  private peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  private isMark(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.kind === 'mark' && token.text === text;
  }

  private isCommand(text: string): boolean {
    const token = this.peek();
    return token?.kind === 'command' && token.text === text;
  }

  private take(mark: string): boolean {
    if (!this.isMark(mark)) return false;
    this.at += 1;
    return true;
  }

  private expect(mark: string): void {
    if (!this.take(mark)) throw new ExpressionError(`Expected “${mark}”.`);
  }

  private deeper<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new ExpressionError('The expression is nested too deeply.');
    const value = read();
    this.depth -= 1;
    return value;
  }

  private sum(): Node {
    return this.deeper(() => {
      const first = this.product();
      const more: Node[] = [];
      for (;;) {
        if (this.take('+')) more.push(this.product());
        else if (this.take('-')) more.push(apply('negate', this.product()));
        else return more.length === 0 ? first : apply('add', first, ...more);
      }
    });
  }

  private product(): Node {
    let left = this.signed();
    for (;;) {
      const token = this.peek();
      if (token === undefined) return left;
      if (token.kind === 'mark' && (token.text === '*' || token.text === '/' || token.text === ':')) {
        this.at += 1;
        const right = this.signed();
        left = token.text === '*' ? apply('multiply', left, right) : apply('divide', left, right);
      } else if (token.kind === 'command' && (token.text === 'cdot' || token.text === 'times')) {
        this.at += 1;
        left = apply('multiply', left, this.signed());
      } else if (token.kind === 'command' && token.text === 'div') {
        this.at += 1;
        left = apply('divide', left, this.signed());
      } else if (this.startsFactor()) {
        left = apply('multiply', left, this.power());
      } else return left;
    }
  }

  private signed(): Node {
    return this.deeper(() => {
      if (this.take('-')) return apply('negate', this.signed());
      if (this.take('+')) return this.signed();
      return this.power();
    });
  }

  /** A factor that may follow without an operator. */
  private startsFactor(): boolean {
    const token = this.peek();
    if (token === undefined) return false;
    if (token.kind === 'number') return this.startsNumber();
    if (token.kind === 'name') return true;
    if (token.kind === 'mark') {
      if (token.text === '|') return this.bars === 0;
      return token.text === '(' || token.text === '{' || token.text === '[';
    }
    return !['rfloor', 'rceil', 'rvert', 'cdot', 'times', 'div', 'degree', 'circ'].includes(token.text);
  }

  /**
   * `2 3` is no product, but a number may follow a factorial sign (`3!7!`), an exponent (`2^a5^b`), a bracket that holds more than a
   * number (`(x+1)3`), a command with arguments (`\sqrt{2}3`) or π. After a letter it must be a power: `x2` may be x_2, `n2^n` is not.
   */
  private startsNumber(): boolean {
    const last = this.peek(-1);
    if (last === undefined || this.closed === this.at) return false;
    if (this.raised === this.at || last.text === '!') return true;
    if (last.kind === 'name') return this.isMark('^', 1);
    if (last.kind === 'command') return last.text === 'pi';
    // `(1) 2 (2) 7` is an enumeration.
    const item =
      this.isMark('(', -3) && this.peek(-4)?.kind !== 'command' && /^(?:\d+|[a-z])$/.test(this.peek(-2)?.text ?? '');
    if (last.text === ')') return !item;
    return last.text === '}';
  }

  private power(): Node {
    const base = this.postfix(this.primary());
    if (this.take('^') || this.take('**')) {
      if (this.isCommand('circ') || this.isCommand('degree')) {
        this.at += 1;
        return apply('degrees', base);
      }
      const raised = apply(
        'power',
        base,
        this.deeper(() => this.exponent()),
      );
      this.raised = this.at;
      return this.postfix(raised);
    }
    return base;
  }

  private exponent(): Node {
    if (this.take('-')) return apply('negate', this.exponent());
    if (this.take('+')) return this.exponent();
    if (this.take('{')) {
      if (this.isCommand('circ') || this.isCommand('degree')) throw new ExpressionError('Unexpected degree sign.');
      const node = this.sum();
      this.expect('}');
      return node;
    }
    return this.power();
  }

  private postfix(node: Node): Node {
    let result = node;
    for (;;) {
      if (this.take('!')) result = apply('factorial', result);
      else if (this.isCommand('degree')) {
        this.at += 1;
        result = apply('degrees', result);
      } else return result;
    }
  }

  private primary(): Node {
    const token = this.peek();
    if (token === undefined) throw new ExpressionError('The expression ends too early.');
    this.at += 1;
    if (token.kind === 'number') return this.number(token.text);
    if (token.kind === 'name') return this.name(token.text);
    if (token.kind === 'command') return this.deeper(() => this.command(token.text));
    return this.deeper(() => this.bracket(token.text));
  }

  private bracket(open: string): Node {
    const close = open === '(' ? ')' : open === '[' ? ']' : open === '{' ? '}' : open === '|' ? '|' : undefined;
    if (close === undefined) throw new ExpressionError(`Unexpected “${open}”.`);
    const outer = this.bars;
    this.bars = open === '|' ? 1 : 0;
    const node = this.sum();
    this.bars = outer;
    this.expect(close);
    return open === '|' ? apply('absolute', node) : node;
  }

  private number(text: string): Node {
    const value = parseDecimal(text);
    if (value === undefined) throw new ExpressionError('The number is too long.');
    if (this.isMark('_')) return this.inBase(text);
    const decimal = /[.eE]/.test(text);
    if (decimal && this.isCommand('overline')) return this.repeating(text);
    const number: Node = { kind: 'number', value, decimal };
    return decimal ? number : this.mixed(number);
  }

  /** `3\frac{1}{2}` is three and a half; an improper fraction after a number is a factor. */
  private mixed(number: Node): Node {
    if (!this.isCommand('frac')) return number;
    const from = this.at;
    this.at += 1;
    const part = this.fraction();
    if (part.kind === 'apply' && part.op === 'divide') {
      const [top, bottom] = part.args;
      if (top?.kind === 'number' && bottom?.kind === 'number' && !top.decimal && !bottom.decimal) {
        if (top.value.num < bottom.value.num && top.value.num > 0n) return apply('add', number, part);
      }
    }
    this.at = from;
    return number;
  }

  private repeating(text: string): Node {
    this.at += 1;
    this.expect('{');
    const token = this.peek();
    this.at += 1;
    this.expect('}');
    const [before = '', after = ''] = text.split('.');
    const value =
      token?.kind === 'number' && /^\d+$/.test(token.text) ? repeatingDecimal(before, after, token.text) : undefined;
    if (value === undefined) throw new ExpressionError('The repeating decimal has no period.');
    this.closed = this.at;
    return { kind: 'number', value, decimal: false };
  }

  /** `204_5` is 54. */
  private inBase(digits: string): Node {
    this.expect('_');
    const base = this.subscript();
    const radix = Number(base);
    if (!/^\d+$/.test(digits) || !(radix >= 2 && radix <= 36) || digits.length > 400)
      throw new ExpressionError('Not a base.');
    let value = 0n;
    for (const digit of digits) {
      if (Number(digit) >= radix) throw new ExpressionError(`No digit ${digit} in base ${radix}.`);
      value = value * BigInt(radix) + BigInt(digit);
    }
    return { kind: 'number', value: whole(value), decimal: false };
  }

  private subscript(): string {
    if (!this.isMark('{')) {
      const token = this.peek();
      if (token === undefined || token.kind === 'mark') throw new ExpressionError('The subscript is missing.');
      this.at += 1;
      return token.text;
    }
    const from = this.at + 1;
    let open = 0;
    do {
      if (this.isMark('{')) open += 1;
      if (this.isMark('}')) open -= 1;
      if (this.at >= this.tokens.length) throw new ExpressionError('The subscript does not end.');
      this.at += 1;
    } while (open > 0);
    return this.tokens
      .slice(from, this.at - 1)
      .map((token) => token.text)
      .join('');
  }

  private name(text: string): Node {
    let name = text;
    if (this.take('_')) name += `_${this.subscript()}`;
    while (this.take("'")) name += "'";
    if (name === 'C' && this.isMark('(')) {
      const from = this.at;
      const pair = this.list();
      const [top, bottom] = pair;
      if (pair.length === 2 && top !== undefined && bottom !== undefined) return apply('binomial', top, bottom);
      this.at = from;
    }
    if (FUNCTION_LETTERS.test(name) && this.isMark('(')) {
      return { kind: 'call', name, args: this.list() };
    }
    return { kind: 'symbol', name };
  }

  private list(): Node[] {
    this.expect('(');
    const args = [this.sum()];
    while (this.take(',')) args.push(this.sum());
    this.expect(')');
    return args;
  }

  private command(called: string): Node {
    const name = ALIASES.get(called) ?? called;
    if (name === 'frac') return this.fraction();
    if (name === 'pi' || name === 'infty') return { kind: 'symbol', name };
    if (name === 'sqrt') return this.squareRoot();
    if (name === 'binom') return apply('binomial', this.argument(), this.argument());
    const fence = FENCES[name];
    if (fence !== undefined) {
      const node = this.sum();
      if (!this.isCommand(fence[0])) throw new ExpressionError(`Expected \\${fence[0]}.`);
      this.at += 1;
      return apply(fence[1], node);
    }
    const bracketed = this.isMark('(');
    const [spelled, pair] = [SPELLED.get(name), PAIRS.get(name)];
    if (name === 'cbrt' && bracketed)
      return apply('root', this.argument(), { kind: 'number', value: whole(3n), decimal: false });
    if (spelled !== undefined && (bracketed || this.isMark('{'))) return apply(spelled, this.argument());
    if (pair !== undefined && bracketed) return this.pair(pair);
    const listed = LISTS[name];
    if (listed !== undefined) return apply(listed, ...this.list());
    if (FUNCTIONS.has(name)) return this.named(name);
    if (ACCENTS.has(name)) return this.name(`${name} ${this.subscript()}`);
    if (name === 'sum' || name === 'prod') return this.series(name === 'sum' ? 'add' : 'multiply', name);
    if (BEYOND.has(name)) throw new NeedsEngineError(`\\${name} is left to the compute engine.`);
    throw new ExpressionError(`Unknown command \\${name}.`);
  }

  private pair(op: 'binomial' | 'divide' | 'modulo'): Node {
    const [a, b, ...more] = this.list();
    if (a === undefined || b === undefined || more.length > 0) throw new ExpressionError('Two arguments are required.');
    return apply(op, a, b);
  }

  /** A sum or product between whole numbers, term by term; the compute engine handles all others. */
  private series(op: 'add' | 'multiply', name: string): Node {
    const beyond = new NeedsEngineError(`\\${name} is left to the compute engine.`);
    const index = this.peek(2);
    if (!this.isMark('_') || !this.isMark('{', 1) || index?.kind !== 'name' || !this.isMark('=', 3)) throw beyond;
    this.at += 4;
    const first = this.sum();
    if (!this.take('}') || !this.take('^')) throw beyond;
    const last = this.isMark('{') ? this.primary() : this.argument();
    const body = this.product();
    if (first.kind !== 'number' || last.kind !== 'number' || first.value.den !== 1n || last.value.den !== 1n)
      throw beyond;
    const count = Number(last.value.num - first.value.num) + 1;
    if (count < 1 || count > MAX_TERMS || this.terms * count > MAX_TERMS) throw beyond;
    this.terms *= count;
    const start = first.value.num;
    const terms = Array.from({ length: count }, (_, i) =>
      substituted(body, index.text, { kind: 'number', value: whole(start + BigInt(i)), decimal: false }),
    );
    return op === 'add' ? apply('add', ...terms) : terms.reduce((product, term) => apply('multiply', product, term));
  }

  private fraction(): Node {
    return apply('divide', this.argument(), this.argument());
  }

  private squareRoot(): Node {
    if (!this.take('[')) return apply('root', this.argument(), { kind: 'number', value: whole(2n), decimal: false });
    const degree = this.sum();
    this.expect(']');
    return apply('root', this.argument(), degree);
  }

  /** A TeX argument: a group, or one digit of a number (`\frac12`), or one letter or command. */
  private argument(): Node {
    const token = this.peek();
    if (token?.kind === 'number' && token.text.length > 1) {
      this.tokens.splice(
        this.at,
        1,
        { kind: 'number', text: token.text[0] ?? '' },
        { kind: 'number', text: token.text.slice(1) },
      );
    }
    if (token?.kind === 'number') {
      this.at += 1;
      const value = parseDecimal((token.text[0] ?? '').trim());
      if (value === undefined) throw new ExpressionError('A digit is missing.');
      return { kind: 'number', value, decimal: false };
    }
    if (token?.kind === 'mark' && !'({['.includes(token.text)) throw new ExpressionError('An argument is missing.');
    return this.primary();
  }

  /** `\sin^2 2x`, `\log_2 8`, `\sin^{-1}(x)`: the argument is the bracket, or the factors up to the next function or sign. */
  private named(name: string): Node {
    let base: Node | undefined;
    let power: Node | undefined;
    for (;;) {
      if (base === undefined && name === 'log' && this.take('_')) base = this.argument();
      else if (power === undefined && this.take('^')) power = this.exponent();
      else break;
    }
    const inverse = power !== undefined && isMinusOne(power) ? INVERSE[name] : undefined;
    const bracket = this.isMark('(') || this.isMark('{') || this.isMark('[');
    const based = name === 'log' && base === undefined && this.isMark('(') ? this.based() : undefined;
    if (based !== undefined) return power === undefined ? based : apply('power', based, power);
    const argument = bracket ? this.postfix(this.primary()) : this.tight();
    const called: Node =
      base === undefined
        ? { kind: 'call', name: inverse ?? name, args: [argument] }
        : apply('logarithm', argument, base);
    return power === undefined || inverse !== undefined ? called : apply('power', called, power);
  }

  /** `log(8, 2)`, as programs write the base; undefined if there is one argument. */
  private based(): Node | undefined {
    const from = this.at;
    const [argument, base, ...more] = this.list();
    if (argument !== undefined && base !== undefined && more.length === 0) return apply('logarithm', argument, base);
    this.at = from;
    return undefined;
  }

  private tight(): Node {
    if (this.take('-')) return apply('negate', this.tight());
    let node = this.power();
    for (;;) {
      const token = this.peek();
      const plain =
        token?.kind === 'name' || (token?.kind === 'command' && ['pi', 'frac', 'sqrt'].includes(token.text));
      if (!plain) return node;
      node = apply('multiply', node, this.power());
    }
  }
}

/**
 * Parses a normal form. Throws ExpressionError if it is not an expression, NeedsEngineError if only the compute engine can read it.
 */
export function parseExpression(text: string): Node {
  return new Parser(tokenise(text)).parse();
}
