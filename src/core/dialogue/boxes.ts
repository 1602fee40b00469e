/** A complete `\boxed{…}`: offsets of the whole command and of what is inside the braces, in UTF-16 code units. */
export interface Box {
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
}

/** All complete boxes, in order; an unterminated one is left out, as is one nested inside another. */
export function findBoxes(text: string): Box[] {
  const boxes: Box[] = [];
  const opening = /\\(?:boxed|fbox)\s*\{/g;
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const innerStart = match.index + match[0].length;
    const innerEnd = closingBrace(text, innerStart);
    if (innerEnd === undefined) continue;
    boxes.push({ start: match.index, end: innerEnd + 1, innerStart, innerEnd });
    opening.lastIndex = innerEnd + 1;
  }
  return boxes;
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return i;
  }
  return undefined;
}

/** Replaces every complete box by its content; outside of maths, content that needs LaTeX gets its own `$…$`. */
export function unbox(text: string, isMaths: (offset: number) => boolean): string {
  let out = '';
  let from = 0;
  for (const box of findBoxes(text)) {
    const inner = text.slice(box.innerStart, box.innerEnd).trim();
    const needsMaths = !isMaths(box.start) && /[\\^_{}]/.test(inner);
    out += text.slice(from, box.start) + (needsMaths ? `$${inner}$` : inner);
    from = box.end;
  }
  return out + text.slice(from);
}
