/** A run of displayed text and the source it came from; `exact` when text and source are the same, unit by unit. */
export interface Run {
  start: number;
  end: number;
  text: string;
  exact: boolean;
}

/** Longest character reference that Markdown knows is shorter. */
const REFERENCE = /^&(?:#\d{1,7}|#[xX][\dA-Fa-f]{1,6}|[A-Za-z][A-Za-z\d]{0,31});/;

/**
 * Tells where every unit of a Markdown node's value stands in the source `[from, to)` that it was read from. Markdown drops
 * escapes' backslashes, margins of continued lines and fence lines, and decodes references: what the value lacks is passed
 * over. The value's text is never lost, even where the two do not fit.
 */
export function align(value: string, source: string, from: number, to: number): Run[] {
  const runs: Run[] = [];
  let at = from;
  for (let index = 0; index < value.length; ) {
    const found = seek(value.charAt(index), source, at, to);
    if (found === undefined) {
      runs.push({ start: to, end: to, text: value.slice(index), exact: false });
      return runs;
    }
    if (found.decoded > 0) {
      // A reference gives one character: one code unit, or two beyond the basic plane.
      const units = /[\ud800-\udbff]/.test(value.charAt(index)) ? 2 : 1;
      runs.push({
        start: found.at,
        end: found.at + found.decoded,
        text: value.slice(index, index + units),
        exact: false,
      });
      index += units;
      at = found.at + found.decoded;
      continue;
    }
    const last = runs.at(-1);
    const text = source.charAt(found.at);
    if (last?.exact === true && last.end === found.at) {
      last.end += 1;
      last.text += text;
    } else {
      runs.push({ start: found.at, end: found.at + 1, text, exact: true });
    }
    index += 1;
    at = found.at + 1;
  }
  return runs;
}

/** The next place in `[at, to)` that can have given the unit: the unit itself, or a reference (`decoded`: its length). */
function seek(unit: string, source: string, at: number, to: number): { at: number; decoded: number } | undefined {
  for (let place = at; place < to; place += 1) {
    const here = source.charAt(place);
    if (same(unit, here)) return { at: place, decoded: 0 };
    if (here !== '&') continue;
    const reference = REFERENCE.exec(source.slice(place, Math.min(to, place + 40)))?.[0];
    if (reference !== undefined) return { at: place, decoded: reference.length };
  }
  return undefined;
}

/** Inline code shows a line end as a space, and NUL is shown as the replacement character. */
function same(shown: string, written: string): boolean {
  if (shown === written) return true;
  return (shown === ' ' && /[\n\r]/.test(written)) || (shown === '\ufffd' && written === '\0');
}
