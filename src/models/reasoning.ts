/** A reply's answer and, when there was one, the reasoning before it. */
export interface Parted {
  text: string;
  reasoning?: string;
}

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Parts a reply into reasoning and answer. Some templates write `<think>` themselves, so that the reply holds only the closing tag;
 * a reply cut short inside its reasoning has only the opening one, and then no answer at all. Tags later in a text that has already
 * begun to answer are the answer's own words and stay.
 */
export function partReasoning(content: string): Parted {
  const begun = content.trimStart();
  const close = content.indexOf(CLOSE);
  if (begun.startsWith(OPEN)) {
    const inside = content.length - begun.length + OPEN.length;
    if (close < 0) return { text: '', reasoning: content.slice(inside).trim() };
    return { text: content.slice(close + CLOSE.length).trimStart(), reasoning: content.slice(inside, close).trim() };
  }
  const open = content.indexOf(OPEN);
  if (close >= 0 && (open < 0 || open > close)) {
    return { text: content.slice(close + CLOSE.length).trimStart(), reasoning: content.slice(0, close).trim() };
  }
  return { text: content };
}
