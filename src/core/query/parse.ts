import { UserError } from '../errors.ts';
import { plural } from '../text/format.ts';
import { FIELD_NAMES, type FieldName, fieldOf, findField, type Operator, operatorsOf } from './fields.ts';
import {
  type Clause,
  isComparison,
  LONGEST_VALUE,
  MOST_CLAUSES,
  MOST_VALUES,
  type Query,
  toNumber,
  toRegExp,
} from './query.ts';

/** A query that can't be read: what is wrong in `[start, end)` of its text. */
export class QueryError extends UserError<'query'> {
  readonly start: number;
  readonly end: number;

  constructor(message: string, advice: string, { start, end }: { start: number; end: number }) {
    super('query', message, advice);
    this.start = start;
    this.end = end;
  }
}

interface Token {
  kind: 'word' | 'quoted' | 'regex' | 'operator' | 'comma' | 'open';
  /** Without quotes and their escapes; a regular expression with its slashes and flags. */
  value: string;
  start: number;
  end: number;
}

/** A lone quote or slash is `open`: its end is missing. Ids have slashes: a word may have them, except as its first character. */
const TOKEN =
  /\s+|(?<comma>,)|(?<operator>!=|!~|<=|>=|[=<>~])|"(?<quoted>(?:[^"\\]|\\[\s\S])*)"|(?<regex>\/(?:[^/\\]|\\[\s\S])+\/[a-z]*)|(?<open>["/])|(?<word>[^\s,=<>~!"/][^\s,=<>~!"]*|!)/gu;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const token = tokenOf(match);
    if (token !== undefined) tokens.push(token);
    // Nothing behind it is read, and each further quote would be looked for up to the end again.
    if (token?.kind === 'open') break;
  }
  return tokens;
}

function tokenOf(match: RegExpExecArray): Token | undefined {
  const { comma, operator, quoted, regex, open, word } = match.groups ?? {};
  const at = { start: match.index, end: match.index + match[0].length };
  if (comma !== undefined) return { kind: 'comma', value: comma, ...at };
  if (operator !== undefined) return { kind: 'operator', value: operator, ...at };
  if (quoted !== undefined) return { kind: 'quoted', value: quoted.replace(/\\(["\\])/g, '$1'), ...at };
  if (regex !== undefined) return { kind: 'regex', value: regex, ...at };
  if (open !== undefined) return { kind: 'open', value: open, ...at };
  return word === undefined ? undefined : { kind: 'word', value: word, ...at };
}

/**
 * Reads a query: clauses such as `class = FT, TT`, `tokens > 4000`, `not failed = repetition`, `chain ~ /wait/i` or a word to search for, with
 * `and` between them or nothing. A comma separates alternatives.
 * @throws QueryError with the place and what is possible there.
 */
export function parseQuery(text: string): Query {
  return new Parser(tokensOf(text), text.length).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #at = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
  }

  query(): Query {
    const clauses: Clause[] = [];
    while (this.#peek() !== undefined) {
      if (clauses.length > 0 && this.#isWord('and')) this.#at += 1;
      const first = this.#peek();
      clauses.push(this.#clause());
      if (first !== undefined) this.#limit(clauses.length, MOST_CLAUSES, 'A query has at most', 'clause', first);
    }
    return clauses;
  }

  #clause(): Clause {
    let not = false;
    while (this.#isWord('not')) {
      not = !not;
      this.#at += 1;
    }
    const first = this.#next('a field or a word to search for');
    const operator = this.#peek();
    if (operator?.kind !== 'operator') return negated(this.#search(first), not);
    this.#at += 1;
    const field = fieldAt(first);
    const isNegative = operator.value.startsWith('!');
    const op = operatorAt(operator, field);
    const values = this.#values();
    return negated(clauseOf(field, op, values), not !== isNegative);
  }

  /** A value without a field is searched for in all texts. */
  #search(token: Token): Clause {
    if (token.kind === 'word' && token.value.toLowerCase() === 'or')
      throw new QueryError(
        'All clauses of a query apply: there is no “or” between them.',
        'Separate values of one field by commas: class = FT, TT. To search for the word, put it in quotes.',
        token,
      );
    if (token.kind === 'comma' || token.kind === 'operator')
      throw new QueryError(`“${token.value}” needs a field before it.`, 'Write a clause such as tokens > 4000.', token);
    return { field: 'text', op: '~', ...patternsOf([token]) };
  }

  #values(): [Token, ...Token[]] {
    const values: [Token, ...Token[]] = [this.#value()];
    while (this.#peek()?.kind === 'comma') {
      this.#at += 1;
      const value = this.#value();
      values.push(value);
      this.#limit(values.length, MOST_VALUES, 'A clause has at most', 'value', value);
    }
    return values;
  }

  #limit(count: number, most: number, what: string, noun: string, token: Token): void {
    if (count > most) throw new QueryError(`${what} ${plural(most, noun)}.`, 'Remove some.', token);
  }

  #value(): Token {
    const token = this.#next('a value');
    if (token.kind !== 'operator' && token.kind !== 'comma') return token;
    throw new QueryError(`A value is missing before “${token.value}”.`, 'Put a value with spaces in quotes.', token);
  }

  #next(what: string): Token {
    const token = this.#tokens[this.#at];
    const end = { start: this.#length, end: this.#length };
    if (token === undefined) throw new QueryError(`The query ends where ${what} must follow.`, '', end);
    if (token.kind === 'open') throw new QueryError(`The second ${token.value} is missing.`, '', token);
    if (token.value.length > LONGEST_VALUE)
      throw new QueryError(`A value has at most ${plural(LONGEST_VALUE, 'character')}.`, 'Shorten it.', token);
    this.#at += 1;
    return token;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token?.kind === 'word' && token.value.toLowerCase() === word;
  }
}

function negated(clause: Clause, not: boolean): Clause {
  return not ? { ...clause, not: true } : clause;
}

function fieldAt(token: Token): FieldName {
  const field = token.kind === 'word' ? findField(token.value) : undefined;
  if (field !== undefined) return field.name;
  throw new QueryError(`There is no field “${token.value}”.`, `Fields: ${FIELD_NAMES.join(', ')}.`, token);
}

function operatorAt(token: Token, field: FieldName): Operator {
  const wanted = token.value.replace('!', '');
  const allowed = operatorsOf(field);
  const op = allowed.find((one) => one === wanted);
  if (op !== undefined) return op;
  const advice = `${field} has ${plural(allowed.length, 'operator')}: ${allowed.join(' ')}.`;
  throw new QueryError(`“${token.value}” can’t be used with ${field}.`, advice, token);
}

function clauseOf(field: FieldName, op: Operator, tokens: [Token, ...Token[]]): Clause {
  if (op === '~') return { field, op, ...patternsOf(tokens) };
  if (isComparison(op) && tokens[1] !== undefined)
    throw new QueryError('A comparison has one value.', 'Write two clauses for a range.', tokens[1]);
  const isNumber = isComparison(op) || fieldOf(field).kind === 'number';
  return { field, op, values: tokens.map((token) => (isNumber ? numberAt(token) : choiceAt(token, field))) };
}

function patternsOf(tokens: [Token, ...Token[]]): Pick<Clause, 'values' | 'regex'> {
  const isRegex = tokens[0].kind === 'regex';
  const other = tokens.find(({ kind }) => (kind === 'regex') !== isRegex);
  if (other !== undefined)
    throw new QueryError(
      'A text and a regular expression can’t be alternatives.',
      'Write two regular expressions.',
      other,
    );
  const bad = isRegex ? tokens.find(({ value }) => toRegExp(value) === undefined) : undefined;
  if (bad !== undefined)
    throw new QueryError(
      `${bad.value} is not a regular expression.`,
      'Flags can be i, m and s. Put plain text in quotes.',
      bad,
    );
  return { values: tokens.map(({ value }) => value), ...(isRegex && { regex: true as const }) };
}

function numberAt(token: Token): string {
  if (toNumber(token.value) !== undefined) return token.value;
  throw new QueryError(`“${token.value}” is not a number.`, 'Write a number such as 4000, 0.3 or 30%.', token);
}

function choiceAt(token: Token, field: FieldName): string {
  const { values } = fieldOf(field);
  if (values === undefined) return token.value;
  const value = values.find((one) => one.toLowerCase() === token.value.toLowerCase());
  if (value !== undefined) return value;
  throw new QueryError(`${field} has no value “${token.value}”.`, `Values: ${values.join(', ')}.`, token);
}
