/** Markdown code including its fences or backticks; `block` if it is fenced. */
export interface CodeRange {
  start: number;
  end: number;
  block: boolean;
}

const FENCE = /^[ \t]*(`{3,}(?=[^`\n]*$)|~{3,})/;

/**
 * Fenced blocks and code spans, in order and disjoint. An unclosed fence reaches to the end of the text, as in CommonMark; a backtick run
 * without a partner in its paragraph is text. Takes linear time.
 */
export function findCode(text: string): CodeRange[] {
  const ranges: CodeRange[] = [];
  // Fast path for most texts.
  if (!text.includes('`') && !text.includes('~~~')) return ranges;
  let open: { start: number; mark: string } | undefined;
  let paragraph = 0;
  let at = 0;
  const endParagraph = (end: number): void => {
    if (end > paragraph) codeSpans(text.slice(paragraph, end), paragraph, ranges);
  };
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, newline < 0 ? next : newline);
    const mark = FENCE.exec(line)?.[1];
    if (open !== undefined) {
      if (mark?.startsWith(open.mark) && line.trim() === mark) {
        ranges.push({ start: open.start, end: next, block: true });
        open = undefined;
        paragraph = next;
      }
    } else if (mark !== undefined) {
      endParagraph(at);
      open = { start: at, mark };
    } else if (line.trim() === '') {
      endParagraph(at);
      paragraph = next;
    }
    at = next;
  }
  if (open !== undefined) ranges.push({ start: open.start, end: text.length, block: true });
  else endParagraph(text.length);
  return ranges;
}

/** Code spans of a paragraph that starts at `offset`. */
function codeSpans(paragraph: string, offset: number, ranges: CodeRange[]): void {
  const runs: { start: number; length: number }[] = [];
  const places = new Map<number, number[]>();
  for (const { 0: run, index } of paragraph.matchAll(/`+/g)) {
    // An escaped backtick opens nothing; the rest of its run counts as a shorter run.
    const skip = escaped(paragraph, index) ? 1 : 0;
    const length = run.length - skip;
    if (length === 0) continue;
    const known = places.get(length);
    if (known === undefined) places.set(length, [runs.length]);
    else known.push(runs.length);
    runs.push({ start: offset + index + skip, length });
  }
  // Partners are found by length with pointers that only move forward, so that the time is linear.
  const pointers = new Map<number, number>();
  for (let index = 0; index < runs.length; index += 1) {
    const run = runs[index];
    if (run === undefined) continue;
    const same = places.get(run.length) ?? [];
    let pointer = pointers.get(run.length) ?? 0;
    while ((same[pointer] ?? runs.length) <= index) pointer += 1;
    pointers.set(run.length, pointer);
    const partner = same[pointer];
    const close = partner === undefined ? undefined : runs[partner];
    if (partner === undefined || close === undefined) continue;
    ranges.push({ start: run.start, end: close.start + close.length, block: false });
    index = partner;
  }
}

/** Whether an odd number of backslashes precedes `at`. */
function escaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - slashes - 1) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}
