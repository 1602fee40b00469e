const CLOSER: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Index just past the `}` that closes the `{` at `open`, or -1 when it never closes. `\{` and `\}` do not count.
 * Linear in the length, so that an unclosed brace in a long text costs one pass.
 */
export function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i += 1) {
    const char = text[i];
    if (char === '\\') i += 1;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

/**
 * Splits at the separators outside all brackets and environments. Half-open intervals such as `[0,1)` close each other.
 * Pieces are trimmed, and empty ones are removed.
 */
export function splitTop(text: string, separators: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\') {
      const next = text[i + 1] ?? '';
      if (next === '{') depth += 1;
      else if (next === '}') depth -= 1;
      else if (text.startsWith('\\begin{', i)) depth += 1;
      else if (text.startsWith('\\end{', i)) depth -= 1;
      else if (next === '\\' && separators.includes('\\')) {
        if (depth === 0) {
          pieces.push(text.slice(from, i));
          from = i + 2;
        }
      }
      i += 1;
    } else if (char in CLOSER) depth += 1;
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
    else if (depth === 0 && separators.includes(char)) {
      pieces.push(text.slice(from, i));
      from = i + 1;
    }
  }
  pieces.push(text.slice(from));
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** True when every bracket closes; the kinds `(` and `[` may close each other, as in half-open intervals. */
export function balanced(text: string): boolean {
  const stack: string[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\') {
      i += 1;
      continue;
    }
    if (char in CLOSER) stack.push(char);
    else if (char === ')' || char === ']' || char === '}') {
      const open = stack.pop();
      if (open === undefined || (open === '{') !== (char === '}')) return false;
    }
  }
  return stack.length === 0;
}

/** The inside of a text that is wrapped by one pair of brackets, with that pair; undefined otherwise. */
export function wrapped(text: string): { open: string; close: string; inside: string } | undefined {
  const escaped = text.startsWith('\\{') && text.endsWith('\\}');
  const width = escaped ? 2 : 1;
  const open = text.slice(0, width);
  const close = text.slice(-width);
  if (text.length < 2 * width || !'([{\\{'.includes(open) || !')]}\\}'.includes(close) || open === '\\')
    return undefined;
  const inside = text.slice(width, -width);
  return closesEarly(inside) ? undefined : { open, close, inside: inside.trim() };
}

function closesEarly(inside: string): boolean {
  let depth = 0;
  for (let i = 0; i < inside.length; i += 1) {
    const char = inside[i] ?? '';
    if (char === '\\') {
      const next = inside[i + 1];
      if (next === '{') depth += 1;
      else if (next === '}') depth -= 1;
      i += 1;
    } else if (char in CLOSER) depth += 1;
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
    if (depth < 0) return true;
  }
  return depth !== 0;
}
