/** A complete `\boxed{…}`: offsets of the whole command and of what is inside the braces, in UTF-16 code units. */
export interface Box {
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
}

/**
 * All complete boxes, in order; an unterminated one is left out, as is one nested inside another. One pass with a stack: a text
 * of nothing but unclosed boxes must not cost the square of its length.
 */
export function findBoxes(text: string): Box[] {
  const boxes: Box[] = [];
  const open: ({ start: number; innerStart: number } | undefined)[] = [];
  const token = /\\(?:boxed|fbox)\s*\{|\\[\s\S]|[{}]/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const end = match.index + match[0].length;
    if (match[0] === '{') open.push(undefined);
    else if (match[0].endsWith('{') && match[0].length > 2) open.push({ start: match.index, innerStart: end });
    else if (match[0] === '}') {
      const box = open.pop();
      if (!box) continue;
      while ((boxes.at(-1)?.start ?? -1) > box.start) boxes.pop();
      boxes.push({ ...box, end, innerEnd: match.index });
    }
  }
  return boxes;
}

/** Boxes inside boxes that are opened one by one. */
const DEEPEST = 3;

/** Replaces every complete box by its content; outside of maths, content that needs LaTeX gets its own `$…$`. */
export function unbox(text: string, isMaths: (offset: number) => boolean, depth = 0): string {
  let out = '';
  let from = 0;
  for (const box of findBoxes(text)) {
    const within = text.slice(box.innerStart, box.innerEnd);
    // What is nested deeper than anybody writes is hostile: only its openings go.
    const inner = (depth < DEEPEST ? unbox(within, () => true, depth + 1) : withoutOpenBoxes(within)).trim();
    const needsMaths = !isMaths(box.start) && /[\\^_{}]/.test(inner);
    out += text.slice(from, box.start) + (needsMaths ? `$${inner}$` : inner);
    from = box.end;
  }
  return out + text.slice(from);
}

/** Takes out the openings of boxes that are never closed: a brace of a later piece would close them. */
export function withoutOpenBoxes(text: string): string {
  return text.replace(/(?<!\\)((?:\\\\)*)\\(?:boxed|fbox)(?![A-Za-z])\s{0,3}\{?/g, '$1');
}
