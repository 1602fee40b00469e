import { keepLast } from '../keep-last.ts';
import { findCode } from './code.ts';

/** A formula in UTF-16 code units, with and without its delimiters; the two are equal for an environment and a bare `\boxed{}`. */
export interface MathRange {
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
  display: boolean;
}

/** Maximum length of `$…$` and `\(…\)`: inline formulas are shorter, and a stray sign must not span a page. */
const INLINE_LIMIT = 1_000;
/** Maximum length of a displayed formula. */
const DISPLAY_LIMIT = 8_000;

const ENVIRONMENTS = new Set(
  [
    ...['align', 'alignat', 'aligned', 'alignedat', 'equation', 'gather', 'gathered', 'multline', 'eqnarray', 'split'],
    ...['array', 'cases', 'dcases', 'rcases', 'matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'vmatrix', 'Vmatrix'],
    ...['smallmatrix', 'subarray', 'CD', 'math', 'displaymath'],
  ].flatMap((name) => [name, `${name}*`]),
);

type Kind = '(' | ')' | '[' | ']' | '$' | '$$' | 'begin' | 'end' | 'boxed' | 'blank' | 'fence' | 'code';

interface Token {
  kind: Kind;
  at: number;
  end: number;
  name: string;
}

const SCAN = /\\(?:begin|end)\{([A-Za-z]+\*?)\}|\\boxed\s*(?=\{)|\\[\s\S]|\$+|\n[ \t\r\n]*(?=\n)/g;

/** All tokens that can open, close or prevent a formula, in order; escapes are pairs, code is one token. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  const code = findCode(text);
  let next = 0;
  const passCode = (before: number): void => {
    for (let range = code[next]; range !== undefined && range.start <= before; range = code[next]) {
      found.push({ kind: range.block ? 'fence' : 'code', at: range.start, end: range.end, name: '' });
      next += 1;
    }
  };
  SCAN.lastIndex = 0;
  for (let match = SCAN.exec(text); match !== null; match = SCAN.exec(text)) {
    passCode(match.index);
    const last = next === 0 ? undefined : code[next - 1];
    if (last !== undefined && last.end > match.index) {
      SCAN.lastIndex = last.end;
      continue;
    }
    const [piece, name = ''] = match;
    const kind = kindOf(piece);
    if (kind !== undefined) found.push({ kind, at: match.index, end: match.index + piece.length, name });
  }
  passCode(text.length);
  return found;
}

function kindOf(piece: string): Kind | undefined {
  if (piece.startsWith('\n')) return 'blank';
  if (piece.startsWith('\\begin{')) return 'begin';
  if (piece.startsWith('\\end{')) return 'end';
  if (piece.startsWith('\\boxed')) return 'boxed';
  if (piece === '$' || piece === '$$') return piece;
  const delimiter = piece.slice(1);
  return delimiter === '(' || delimiter === ')' || delimiter === '[' || delimiter === ']' ? delimiter : undefined;
}

const CLOSING: readonly Kind[] = [')', ']', '$', '$$', 'blank', 'fence', 'code'];

/** For each token the next one of each closing kind after it, and the partner of each `\begin`. */
class Closers {
  readonly #next: ReadonlyMap<Kind, readonly number[]>;
  readonly #partners = new Map<number, number>();

  constructor(list: readonly Token[]) {
    const present = new Set(list.map(({ kind }) => kind));
    this.#next = new Map(CLOSING.filter((kind) => present.has(kind)).map((kind) => [kind, nextOf(list, kind)]));
    const open: number[] = [];
    const waiting = new Map<string, number>();
    list.forEach(({ kind, name }, index) => {
      if (kind === 'begin') {
        open.push(index);
        waiting.set(name, (waiting.get(name) ?? 0) + 1);
      } else if (kind === 'end' && (waiting.get(name) ?? 0) > 0) {
        // Environments opened inside and not closed have no partner.
        for (let top = open.pop(); top !== undefined; top = open.pop()) {
          const opened = list[top]?.name ?? '';
          waiting.set(opened, (waiting.get(opened) ?? 1) - 1);
          if (opened === name) {
            this.#partners.set(top, index);
            break;
          }
        }
      }
    });
  }

  next(kind: Kind, index: number): number | undefined {
    const place = this.#next.get(kind)?.[index] ?? -1;
    return place < 0 ? undefined : place;
  }

  partner(index: number): number | undefined {
    return this.#partners.get(index);
  }
}

function nextOf(list: readonly Token[], kind: Kind): number[] {
  const next: number[] = new Array(list.length).fill(-1);
  let place = -1;
  for (let index = list.length - 1; index >= 0; index -= 1) {
    next[index] = place;
    if (list[index]?.kind === kind) place = index;
  }
  return next;
}

interface Found extends MathRange {
  /** Token after the formula. */
  next: number;
}

/**
 * The formulas of a Markdown text: `\( \)`, `\[ \]`, `$ $`, `$$ $$`, environments, and `\boxed{}` outside them; in order and disjoint. Not
 * money: an opening `$` has no space after it, a closing one no space before and no digit after it, and `$5 per item plus 3$` is prose. Code
 * is never maths. Takes linear time; never throws.
 */
export const findMaths: (text: string) => readonly MathRange[] = keepLast(mathsIn);

function mathsIn(text: string): MathRange[] {
  const list = tokens(text);
  const closers = new Closers(list);
  const ranges: MathRange[] = [];
  for (let index = 0; index < list.length; ) {
    const found = formulaAt(text, list, closers, index);
    if (found === undefined) {
      index += 1;
      continue;
    }
    const { next, ...range } = found;
    ranges.push(range);
    index = next;
    while ((list[index]?.at ?? text.length) < range.end) index += 1;
  }
  return ranges;
}

function formulaAt(text: string, list: readonly Token[], closers: Closers, index: number): Found | undefined {
  const token = list[index];
  switch (token?.kind) {
    case '(':
      return delimited(text, list, closers, index, ')', closers.next('blank', index));
    case '[':
      return delimited(text, list, closers, index, ']', undefined);
    case '$$':
      return delimited(text, list, closers, index, '$$', strayBlank(text, closers, list, index));
    case '$':
      return dollar(text, list, closers, index);
    case 'begin':
      return environment(list, closers, index);
    case 'boxed':
      return boxed(text, token, index);
    default:
      return undefined;
  }
}

/** The formula from the token at `index` to the next closer, unless a barrier, a fence or the length limit comes first. */
function delimited(
  text: string,
  list: readonly Token[],
  closers: Closers,
  index: number,
  kind: Kind,
  barrier: number | undefined,
): Found | undefined {
  const close = closers.next(kind, index);
  const from = list[index];
  const to = close === undefined ? undefined : list[close];
  if (from === undefined || close === undefined || to === undefined) return undefined;
  if ((barrier ?? close) < close || (closers.next('fence', index) ?? close) < close) return undefined;
  const display = kind === ']' || kind === '$$';
  if (!display && (closers.next('code', index) ?? close) < close) return undefined;
  if (to.at - from.end > (display ? DISPLAY_LIMIT : INLINE_LIMIT)) return undefined;
  if (isBlank(text, from.end, to.at)) return undefined;
  return { start: from.at, end: to.end, innerStart: from.end, innerEnd: to.at, display, next: close + 1 };
}

/** A `$$` in the middle of a line must close in its paragraph; one at the start of a line may contain blank lines. */
function strayBlank(text: string, closers: Closers, list: readonly Token[], index: number): number | undefined {
  const at = list[index]?.at ?? 0;
  const begins = /(?:^|\n)[ \t]{0,8}$/.test(text.slice(Math.max(0, at - 9), at));
  return begins ? undefined : closers.next('blank', index);
}

function dollar(text: string, list: readonly Token[], closers: Closers, index: number): Found | undefined {
  const from = list[index];
  const close = closers.next('$', index);
  const to = close === undefined ? undefined : list[close];
  if (from === undefined || close === undefined || to === undefined) return undefined;
  if (/^\s/.test(text.charAt(from.end)) || /\s$/.test(text.charAt(to.at - 1))) return undefined;
  if (/\d/.test(text.charAt(to.end))) return undefined;
  const doubled = closers.next('$$', index);
  if (doubled !== undefined && doubled < close) return undefined;
  const range = delimited(text, list, closers, index, '$', closers.next('blank', index));
  if (range === undefined) return undefined;
  const glued = /[A-Za-z0-9]/.test(text.charAt(from.at - 1)) && /[A-Za-z]/.test(text.charAt(to.end));
  return glued || looksLikeMoney(text.slice(from.end, to.at)) ? undefined : range;
}

function environment(list: readonly Token[], closers: Closers, index: number): Found | undefined {
  const from = list[index];
  const close = closers.partner(index);
  const to = close === undefined ? undefined : list[close];
  if (from === undefined || close === undefined || to === undefined) return undefined;
  if (!ENVIRONMENTS.has(from.name) || to.end - from.at > DISPLAY_LIMIT) return undefined;
  if ((closers.next('fence', index) ?? close) < close) return undefined;
  return { start: from.at, end: to.end, innerStart: from.at, innerEnd: to.end, display: true, next: close + 1 };
}

function boxed(text: string, token: Token, index: number): Found | undefined {
  let depth = 0;
  const limit = Math.min(text.length, token.end + INLINE_LIMIT);
  for (let at = token.end; at < limit; at += 1) {
    const unit = text.charAt(at);
    if (unit === '\\') at += 1;
    else if (unit === '{') depth += 1;
    else if (unit === '}') {
      depth -= 1;
      if (depth > 0) continue;
      const end = at + 1;
      return { start: token.at, end, innerStart: token.at, innerEnd: end, display: false, next: index + 1 };
    }
  }
  return undefined;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!/\s/.test(text.charAt(at))) return false;
  return true;
}

/** The smallest range around `[start, end)` that splits no formula. */
export function snapToMaths(
  range: { start: number; end: number },
  maths: readonly MathRange[],
): { start: number; end: number } {
  let { start, end } = range;
  for (const formula of maths) {
    if (formula.start < start && start < formula.end) start = formula.start;
    if (formula.start < end && end < formula.end) end = formula.end;
  }
  return { start, end };
}

/** An amount: a number, its scale, and the end of a range. */
const SUM = /^\d[\d,.]*(?:[kKmMbB]\b)?(?:\s*(?:-|–|to)\s*\d[\d,.]*)?(?=[\s,.;:!?])/;
/** A sum, then only a word that joins it to another: `5, then 3`, `4 for 3`; or a range whose other end has a dollar sign of its own: `5–`. */
const JOINED = /^\d[\d,.]*(?:\s*[-–]$|[,;]?\s+(?:or|and|for|to|then|but|so|also|plus)\s+\d[\d,.]*$)/;

/** A number that is no coefficient, and later a sentence that ends and another one that begins. */
const SENTENCES = /^\d[\d,.]*(?![\dA-Za-z]).*[.!?]["')]?\s+(?:[A-Z][a-z']*\s|[a-z][a-z']+\s|\d)/s;

/** Characters that prose about money does not contain. */
const TEX = /[\\^_{}]/;
/** Relation and operator signs, rare in prose about money. */
const SIGNS = /[=<>|+*]/;

/** Whether the inside of `$…$` is an amount and prose up to the next amount. */
function looksLikeMoney(inside: string): boolean {
  if (TEX.test(inside)) return false;
  if (SENTENCES.test(inside) || JOINED.test(inside)) return true;
  const sum = SUM.exec(inside)?.[0];
  if (sum === undefined) return false;
  const prose = inside.slice(sum.length);
  const words = prose.match(/[A-Za-z']{2,}/g) ?? [];
  // `5 km per h` is a measure, `5 per item plus 3` is not.
  return (
    !SIGNS.test(inside) &&
    words.length > 1 &&
    (words.length > 2 || words.some((word) => word.length > 3 || isLast(prose, word)))
  );
}

function isLast(prose: string, word: string): boolean {
  return prose.trimEnd().endsWith(` ${word}`);
}
