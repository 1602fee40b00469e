/** A final answer: `answer` is `text.slice(start, end)`. */
export interface ExtractedAnswer {
  readonly answer: string;
  readonly start: number;
  readonly end: number;
  readonly how: 'boxed' | 'answer-is' | 'hash' | 'bare';
}

/** The answer on `[start, end)` without surrounding spaces; undefined if nothing else is there. */
export function found(
  text: string,
  start: number,
  end: number,
  how: ExtractedAnswer['how'],
): ExtractedAnswer | undefined {
  let [from, to] = [start, end];
  // Emphasis around the answer is not part of it.
  while (from < to && /[\s*]/.test(text[from] ?? '')) from += 1;
  while (to > from && /[\s*]/.test(text[to - 1] ?? '')) to -= 1;
  return from >= to ? undefined : { answer: text.slice(from, to), start: from, end: to, how };
}
