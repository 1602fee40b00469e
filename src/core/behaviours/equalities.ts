import { evaluateArithmetic } from './arithmetic.ts';

/** Two numeric sides with an equals sign: `3 \cdot 4 = 12`. `[start, end)` covers both, in UTF-16 code units. */
export interface Equality {
  start: number;
  end: number;
  /** The value of the right side. */
  value: number;
  holds: boolean;
}

const SIGNS = /=|≈|\\approx(?![a-zA-Z])/g;
/** Arithmetic signs and commands from a place on. */
const FORWARDS =
  /(?:[\d.,(){}[\]+\-−*/×÷·^%\s=≈]|\\(?:[,;!%]|(?:approx|cdot|times|div|d?frac|tfrac|sqrt|left|right|quad)(?![a-zA-Z])))*/y;
const MARK = /[\d.,(){}[\]+\-−*/×÷·^%\s]/;
/** MARK for each ASCII character, 1 or 0. */
const ASCII_MARKS = Uint8Array.from({ length: 128 }, (_, unit) => Number(MARK.test(String.fromCharCode(unit))));
const BACKSLASH = 92;
const isLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;
const COMMAND = /\\(?:[,;!%]|cdot|times|div|d?frac|tfrac|sqrt|left|right|quad)$/;
/** Absolute difference that counts as equal, as in the filter `equations` of method.md. */
const TOLERANCE = 1e-3;
/** Relative difference that counts as approximately equal. */
const ABOUT = 0.02;
const REMAINDER = /^[\s,;(]*(?:with |and )?(?:a )?remainder/;
/** Longer stretches are tables of numbers. */
const LONGEST = 400;

/**
 * The numeric equalities of a text, each recomputed. Sides with letters are skipped; `a = b = c` gives an equality for each pair of
 * neighbours. A decimal on the right may be rounded: `1/3 = 0.33` holds, `1/3 = 0.34` does not.
 */
export function findEqualities(text: string): Equality[] {
  const found: Equality[] = [];
  for (const { start, end } of stretches(text)) {
    const stretch = text.slice(start, end);
    const openLeft = goesOnBefore(text, start, stretch);
    const openRight = goesOnBehind(text, end);
    const sides = splitSides(stretch, start);
    for (let i = 1; i < sides.length; i++) {
      const left = sides[i - 1];
      const right = sides[i];
      if (!left || !right) continue;
      const [from, to] = [afterList(left), beforeList(right)];
      if (i === 1 && openLeft && from.start === left.start) continue;
      if (i === sides.length - 1 && openRight && to.text.length === right.text.length) continue;
      const equality = compare(from, to);
      // `17 ÷ 5 = 3 remainder 2` does not claim equality.
      if (equality && !equality.holds && REMAINDER.test(text.slice(equality.end, equality.end + 24))) continue;
      if (equality) found.push(equality);
    }
  }
  return found;
}

/** Stretches of numbers, arithmetic signs and commands around each equals sign. */
function* stretches(text: string): Generator<{ start: number; end: number }> {
  let reached = 0;
  for (let sign = signFrom(text, 0); sign !== null; sign = signFrom(text, reached)) {
    FORWARDS.lastIndex = sign.index;
    const end = sign.index + (FORWARDS.exec(text)?.[0].length ?? 0);
    const start = backwards(text, sign.index, Math.max(reached, sign.index - LONGEST));
    reached = Math.max(end, sign.index + 1);
    if (end - start <= LONGEST) yield { start, end };
  }
}

/** The first sign from a place on. */
function signFrom(text: string, from: number): RegExpExecArray | null {
  SIGNS.lastIndex = from;
  return SIGNS.exec(text);
}

function backwards(text: string, from: number, limit: number): number {
  let at = from;
  while (at > limit) {
    const escaped = text.charCodeAt(at - 2) === BACKSLASH;
    const unit = text.charCodeAt(at - 1);
    if (!escaped && (unit < 128 ? ASCII_MARKS[unit] === 1 : MARK.test(text.charAt(at - 1)))) {
      at -= 1;
      continue;
    }
    if (!escaped && !isLetter(unit)) break;
    // `\(` and `\[` open a formula: the stretch starts after them.
    const command = COMMAND.exec(text.slice(Math.max(limit, at - 6), at));
    if (!command) break;
    at -= command[0].length;
  }
  return Math.max(at, limit);
}

/** Whether the first side starts before the stretch with something that is not a number, as in `f(3) = 9` and `2k - 1 = 0`. */
function goesOnBefore(text: string, start: number, stretch: string): boolean {
  const before = text.slice(Math.max(0, start - 1), start);
  if (/^\s*[-+−*/×·÷^%]/.test(stretch)) return /[^\s$([,;:.]/.test(before) || /^\s+[-+−*/×·÷^%]\s/.test(stretch);
  return /[^\s$([,;:]/.test(before) && !/^\s/.test(stretch);
}

/** Words and signs that may follow a number without belonging to it. */
const AFTERWORD =
  /^(?:$|[^a-zA-Z\\_^!|√]|[a-zA-Z]{2}|[aI]\s|\\(?:[)\]\\,;]|(?:implies|iff|[Rr]ightarrow|to|text|qquad|ne|neq|end|pmod|mod|lt|gt|le|leq|ge|geq)(?![a-zA-Z])))/;

/** Whether the last side continues after the stretch, as in `= 25 p` and `= 3\pi`. */
function goesOnBehind(text: string, end: number): boolean {
  const adjacent = /[\w%}]/.test(text.charAt(end - 1)) && /[a-zA-Z]/.test(text.charAt(end));
  return adjacent || !AFTERWORD.test(text.slice(end, end + 14));
}

interface Side {
  text: string;
  start: number;
  /** The sign before it means “approximately equal”. */
  about: boolean;
}

function splitSides(stretch: string, at: number): Side[] {
  const sides: Side[] = [];
  let from = 0;
  let about = false;
  for (let sign = signFrom(stretch, 0); sign !== null; sign = signFrom(stretch, from)) {
    sides.push({ text: stretch.slice(from, sign.index), start: at + from, about });
    from = sign.index + sign[0].length;
    about = sign[0] !== '=';
  }
  sides.push({ text: stretch.slice(from), start: at + from, about });
  return sides;
}

/** In `so 2, 3 + 4 = 7` the left side starts after the comma; likewise after the end of a sentence or line. */
function afterList({ text, start, about }: Side): Side {
  const separator = Math.max(
    text.lastIndexOf(', '),
    text.lastIndexOf('. '),
    text.lastIndexOf('\n'),
    text.lastIndexOf('\\quad'),
  );
  const from = separator < 0 ? 0 : separator + (text.startsWith('\\quad', separator) ? 5 : 1);
  return { text: text.slice(from), start: start + from, about };
}

function beforeList({ text, start, about }: Side): Side {
  const separator = /[.,]?(?:[,.](?=\s|$)|\n|\\quad)/.exec(text);
  return { text: separator ? text.slice(0, separator.index) : text, start, about };
}

function compare(left: Side, right: Side): Equality | undefined {
  const a = evaluateArithmetic(left.text);
  const b = a === undefined ? undefined : evaluateArithmetic(right.text);
  if (a === undefined || b === undefined) return undefined;
  const decimals = /^[\s{($-]*\d*\.(\d+)[\s})$]*$/.exec(right.text)?.[1]?.length;
  const rounding = decimals === undefined ? 0 : 0.5 * 10 ** -decimals;
  const holds =
    Math.abs(a - b) <= Math.max(TOLERANCE, rounding * (1 + 1e-9), (right.about ? ABOUT : 1e-9) * Math.abs(a));
  const start = left.start + (left.text.length - left.text.trimStart().length);
  return { start, end: right.start + right.text.trimEnd().length, value: b, holds };
}
