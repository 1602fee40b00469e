/** Displayed text and its place in the source; `exact` if text and source are the same. */
export interface Run {
  start: number;
  end: number;
  text: string;
  exact: boolean;
}

/**
 * Finds each code unit of a Markdown node's value in its source `[from, to)`. Source that the value lacks, such as indents and fences, is
 * skipped. The backslash of an escape is shown, since it may be LaTeX. No text is lost, even if value and source don't match.
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
    const isEscape = found > at && source.charAt(found - 1) === '\\';
    addExact(runs, source, isEscape ? found - 1 : found, found + 1);
    index += 1;
    at = found + 1;
  }
  return runs;
}

function addExact(runs: Run[], source: string, start: number, end: number): void {
  const last = runs.at(-1);
  const text = source.slice(start, end);
  if (last?.exact === true && last.end === start) {
    last.end = end;
    last.text += text;
  } else {
    runs.push({ start, end, text, exact: true });
  }
}

/** The next place in `[at, to)` with the unit. */
function seek(unit: string, source: string, at: number, to: number): number | undefined {
  for (let place = at; place < to; place += 1) if (same(unit, source.charAt(place))) return place;
  return undefined;
}

/** Inline code shows a line end as a space, and NUL is shown as the replacement character. */
function same(shown: string, written: string): boolean {
  if (shown === written) return true;
  return (shown === ' ' && /[\n\r]/.test(written)) || (shown === '\ufffd' && written === '\0');
}
