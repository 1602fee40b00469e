import diff from 'fast-diff';
import type { TextChange } from '../schemas/index.ts';

/** Above this many code units on both sides, lines are compared first, because a character diff takes O(N·D). */
const CHARACTER_LIMIT = 4_000;

/** The changes from `before` to `after`, in order and disjoint, without splitting surrogate pairs. The inverse of `applyChanges`. */
export function diffToChanges(before: string, after: string): TextChange[] {
  const { prefix, suffix } = common(before, after);
  const old = before.slice(prefix, before.length - suffix);
  const fresh = after.slice(prefix, after.length - suffix);
  return toChanges(compare(old, fresh), prefix);
}

function compare(old: string, fresh: string): diff.Diff[] {
  // fast-diff never splits a pair, but may not terminate on lone surrogates: such text is replaced as a whole.
  const broken = /\p{Surrogate}/u;
  if (broken.test(old) || broken.test(fresh)) return replaced(old, fresh);
  return old.length > CHARACTER_LIMIT && fresh.length > CHARACTER_LIMIT ? byLines(old, fresh) : diff(old, fresh);
}

const replaced = (old: string, fresh: string): diff.Diff[] => [
  [diff.DELETE, old],
  [diff.INSERT, fresh],
];

/** Code units of the common start and end, never within a surrogate pair. */
function common(a: string, b: string): { prefix: number; suffix: number } {
  const most = Math.min(a.length, b.length);
  let prefix = 0;
  while (prefix < most && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix += 1;
  if (prefix > 0 && isHigh(a.charCodeAt(prefix - 1))) prefix -= 1;
  let suffix = 0;
  while (suffix < most - prefix && a.charCodeAt(a.length - 1 - suffix) === b.charCodeAt(b.length - 1 - suffix))
    suffix += 1;
  if (suffix > 0 && isLow(a.charCodeAt(a.length - suffix))) suffix -= 1;
  return { prefix, suffix };
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Encodes each distinct line as a code unit, compares these, and compares small changed parts by characters. */
function byLines(before: string, after: string): diff.Diff[] {
  const lines: string[] = [];
  const codes = new Map<string, number>();
  const encode = (text: string): string | undefined => {
    const units: string[] = [];
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      let code = codes.get(line);
      if (code === undefined) {
        code = lines.push(line) - 1;
        codes.set(line, code);
      }
      // The diff would join surrogates to pairs, so that there are at most 0xd800 distinct lines.
      if (code >= 0xd800) return undefined;
      units.push(String.fromCharCode(code));
    }
    return units.join('');
  };
  const a = encode(before);
  const b = encode(after);
  if (a === undefined || b === undefined) return replaced(before, after);
  const decode = (units: string): string => Array.from(units, (unit) => lines[unit.charCodeAt(0)] ?? '').join('');
  return refine(diff(a, b).map(([op, units]): diff.Diff => [op, decode(units)]));
}

function refine(edits: readonly diff.Diff[]): diff.Diff[] {
  const fine: diff.Diff[] = [];
  for (let index = 0; index < edits.length; index += 1) {
    const edit = edits[index];
    const next = edits[index + 1];
    if (edit === undefined) continue;
    const pair = edit[0] === diff.DELETE && next?.[0] === diff.INSERT;
    if (pair && next !== undefined && edit[1].length <= CHARACTER_LIMIT && next[1].length <= CHARACTER_LIMIT) {
      fine.push(...diff(edit[1], next[1]));
      index += 1;
    } else {
      fine.push(edit);
    }
  }
  return fine;
}

function toChanges(edits: readonly diff.Diff[], offset: number): TextChange[] {
  const changes: TextChange[] = [];
  let at = offset;
  let open: TextChange | undefined;
  for (const [op, text] of edits) {
    if (text === '') continue;
    if (op === diff.EQUAL) {
      open = undefined;
      at += text.length;
      continue;
    }
    if (open === undefined) {
      open = { start: at, end: at, insert: '' };
      changes.push(open);
    }
    if (op === diff.INSERT) open.insert += text;
    else at += text.length;
    open.end = at;
  }
  return changes;
}

/** The changes of a text field, which returns every line end as `\n`; line ends that the user did not change are kept. */
export function changesFromField(before: string, field: string): TextChange[] {
  if (!before.includes('\r')) return diffToChanges(before, field);
  const flat = before.replace(/\r\n?/g, '\n');
  const back = new Uint32Array(flat.length + 1);
  let at = 0;
  for (let index = 0; index < flat.length; index += 1) {
    back[index] = at;
    at += before.startsWith('\r\n', at) ? 2 : 1;
  }
  back[flat.length] = before.length;
  return diffToChanges(flat, field).map(({ start, end, insert }) => ({
    start: back[start] ?? before.length,
    end: back[end] ?? before.length,
    insert,
  }));
}
