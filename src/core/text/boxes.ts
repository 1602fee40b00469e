/** A complete box: offsets of the command and of its content, in UTF-16 code units. */
export interface Box {
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
}

/** A box with braces; a box around a number or letter without braces; any other command, except a doubled backslash before a box; a brace. */
const TOKEN =
  /(\\(?:(?:boxed|fbox)(?![a-zA-Z])|begin\{?boxed\}?)\s{0,10}\{)|\\(?:boxed|fbox)(?![a-zA-Z])\s{0,10}([-+]?\d(?:[^\s${}\\.,;]|[.,](?=\d)){0,40}|[a-zA-Z](?![a-zA-Z]))|\\(?!\\(?:boxed|fbox)(?![a-zA-Z]))[\s\S]|[{}]/g;

/**
 * All complete boxes in order: `\boxed{…}`, `\fbox{…}`, `\boxed 5` and variants that models write. Unterminated and nested ones are excluded.
 * One pass with a stack, so that hostile texts take linear time.
 */
export function findBoxes(text: string): Box[] {
  const boxes: Box[] = [];
  const first = text.search(/boxed|fbox/);
  if (first < 0) return boxes;
  const open: ({ start: number; innerStart: number } | undefined)[] = [];
  // Braces and escapes before the line of the first box decide nothing.
  TOKEN.lastIndex = text.lastIndexOf('\n', first) + 1;
  for (const { index, 0: token, 1: opening, 2: bare } of text.matchAll(TOKEN)) {
    const end = index + token.length;
    if (opening !== undefined) open.push({ start: index, innerStart: end });
    else if (bare !== undefined) {
      boxes.push({ start: index, end, innerStart: end - bare.length, innerEnd: end });
    } else if (token === '{') open.push(undefined);
    else if (token === '}') {
      const box = open.pop();
      if (!box) continue;
      while ((boxes.at(-1)?.start ?? -1) > box.start) boxes.pop();
      boxes.push({ ...box, end, innerEnd: index });
    }
  }
  return boxes;
}

/** Maximum depth of nested boxes. */
const DEEPEST = 3;

/** Replaces every complete box by its content; outside maths, content that needs LaTeX gets its own `$…$`. */
export function unbox(text: string, isMaths: (offset: number) => boolean, depth = 0): string {
  let out = '';
  let from = 0;
  for (const box of findBoxes(text)) {
    const within = text.slice(box.innerStart, box.innerEnd);
    // Deeper nesting is hostile: only its openings are removed.
    const inner = (depth < DEEPEST ? unbox(within, () => true, depth + 1) : withoutOpenBoxes(within)).trim();
    const needsMaths = !isMaths(box.start) && /[\\^_{}]/.test(inner);
    out += text.slice(from, box.start) + (needsMaths ? `$${inner}$` : inner);
    from = box.end;
  }
  return out + text.slice(from);
}

/** Removes the openings of unclosed boxes, which a brace of later text would close. */
export function withoutOpenBoxes(text: string): string {
  return text.replace(/\\(?:(?:boxed|fbox)(?![a-zA-Z])|begin\{?boxed\}?)\s{0,10}\{?/g, '');
}
