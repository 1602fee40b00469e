import { formatCount, plural } from '../../text/format.ts';
import { splitTop } from '../brackets.ts';
import { toNumber } from '../rational.ts';
import { exactOf } from './expression.ts';
import { asInterval } from './inequality.ts';
import { equalTexts } from './text.ts';
import type { Bound, Comparison, Piece, Value, ValueOf } from './value.ts';

const CASES =
  /^(?:\\begin\{([dr]?cases)\}|\\?\{\\begin\{(array|aligned|matrix)\}(?:\{[clr|@{} ]*\})?)(.*)\\end\{(?:[dr]?cases|array|aligned|matrix)\}\.?\}?$/s;
const ELSE = /^(?:otherwise|else(?:where)?|in all other cases|其他|其它|否则)\.?$/i;
/** Words between a piece and its condition. */
const WHEN = /^(?:\s*(?:if|when|for|where|whenever|当|若))(?![a-z])[\s:]*/i;

/**
 * Reads `\begin{cases}`: lines with a condition each are a piecewise definition; lines of one relation each are a system, read as a list.
 * `read` reads the parts.
 */
export function readCases(text: string, read: (part: string) => Value): Value | undefined {
  const body = text.includes('\\begin{') ? CASES.exec(text)?.[3] : undefined;
  if (body === undefined) return undefined;
  const rows = splitTop(body, '\\').map((row) => splitTop(row.replace(/[.;,]\s*$/, ''), '&'));
  if (rows.length === 0 || rows.some((row) => row.length > 2)) return undefined;
  if (rows.every((row) => row.length === 1 && splitTop(row[0] ?? '', ',').length === 1)) {
    const items = rows.map((row) => read(row[0] ?? ''));
    return items.every((item) => item.shape === 'relation') ? { shape: 'list', text, items } : undefined;
  }
  const pieces: Piece[] = [];
  for (const row of rows) {
    const [first = '', second] = row.length === 2 ? row : atLastComma(row[0] ?? '');
    if (second === undefined) return undefined;
    const condition = second.replace(WHEN, '').trim();
    const value = read(first.replace(/[,;]\s*$/, '').replace(/\s+(?:if|when|for)$/i, ''));
    pieces.push({ value, condition: ELSE.test(condition) ? undefined : read(condition) });
  }
  return { shape: 'piecewise', text, pieces };
}

function atLastComma(line: string): [string, string | undefined] {
  const parts = splitTop(line, ',');
  const last = parts.pop();
  return parts.length === 0 ? [line, undefined] : [parts.join(','), last];
}

/** The same pieces under the same conditions, in any order; “otherwise” means what the other conditions leave. */
export function equalPiecewise(
  gold: ValueOf<'piecewise'>,
  prediction: ValueOf<'piecewise'>,
  comparison: Comparison,
): boolean {
  const left = [...prediction.pieces];
  let equal = gold.pieces.length === prediction.pieces.length;
  let open: Piece | undefined;
  let missing: Piece | undefined;
  for (const piece of gold.pieces) {
    if (!equal) break;
    const at = left.findIndex((other) => samePiece(piece, other, comparison));
    if (at >= 0) left.splice(at, 1);
    else if (open === undefined) open = piece;
    else {
      missing = piece;
      equal = false;
    }
  }
  const rest = left[0];
  if (equal && open !== undefined) {
    const pair = rest !== undefined && complements(gold, open, prediction, rest);
    equal = pair && comparison.equal(open.value, rest.value);
    missing = equal ? undefined : open;
  }
  comparison.method = 'piecewise';
  comparison.because = () => {
    if (equal) return `Equal under the same conditions: ${plural(gold.pieces.length, 'piece')}.`;
    if (missing !== undefined)
      return `The piece ${missing.value.text} of the gold has no counterpart under its condition.`;
    return `The gold has ${plural(gold.pieces.length, 'piece')}, the answer ${formatCount(prediction.pieces.length)}.`;
  };
  return equal;
}

function samePiece(a: Piece, b: Piece, comparison: Comparison): boolean {
  if (a.condition === undefined || b.condition === undefined) {
    return a.condition === b.condition && comparison.equal(a.value, b.value);
  }
  return sameCondition(a.condition, b.condition, comparison) && comparison.equal(a.value, b.value);
}

function sameCondition(a: Value, b: Value, comparison: Comparison): boolean {
  if (a.shape === 'text' || b.shape === 'text') return equalTexts(withoutVerb(a.text), withoutVerb(b.text));
  return comparison.equal(a, b);
}

/** `n is even` is `n even`, `n 是奇数` is `n 为奇数`. */
function withoutVerb(text: string): string {
  return text.replace(/\s*(?:\b(?:is|are)(?:\s+an?)?\b|[是为])\s*/g, ' ');
}

/** One of two pieces has “otherwise”, and the condition of the other is exactly what remains. */
function complements(gold: ValueOf<'piecewise'>, open: Piece, prediction: ValueOf<'piecewise'>, rest: Piece): boolean {
  if ((open.condition === undefined) === (rest.condition === undefined)) return false;
  const explicit = open.condition === undefined ? prediction : gold;
  return coversTheLine(explicit.pieces);
}

/** Whether conditions on one number cover the whole line; conditions in words are trusted. */
function coversTheLine(pieces: readonly Piece[]): boolean {
  const spans: { low: Bound; high: Bound }[] = [];
  for (const { condition } of pieces) {
    if (condition?.shape === 'text') return true;
    const span = condition?.shape === 'relation' ? asInterval(condition) : undefined;
    if (span === undefined) return false;
    spans.push(span);
  }
  const ends = spans.flatMap((span) => [endOf(span.low), endOf(span.high)]);
  if (ends.some((end) => end === undefined)) return false;
  const finite = ends.filter((end) => end !== undefined && Number.isFinite(end)) as number[];
  const sorted = finite.sort((x, y) => x - y);
  const probes = [-1, 1].map((sign) => sign * (1 + Math.max(0, ...sorted.map(Math.abs)) * 2));
  sorted.forEach((end, i) => {
    probes.push(end, (end + (sorted[i + 1] ?? end + 1)) / 2);
  });
  return probes.every((x) => spans.some((span) => isInside(x, span)));
}

function endOf(bound: Bound): number | undefined {
  if (/^[-+]?\\infty$/.test(bound.value.text)) {
    return bound.value.text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const exact = exactOf(bound.value);
  return exact === undefined ? undefined : toNumber(exact);
}

function isInside(x: number, span: { low: Bound; high: Bound }): boolean {
  const [low, high] = [endOf(span.low) ?? Number.NaN, endOf(span.high) ?? Number.NaN];
  return (x > low || (span.low.closed && x === low)) && (x < high || (span.high.closed && x === high));
}
