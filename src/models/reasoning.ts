import { z } from 'zod';

/** Where a server put a reply's reasoning: a field beside the content (or typed parts in it), or tags within it. */
export type ReasoningFrom = 'reasoning' | 'reasoning_content' | 'reasoning_details' | 'content parts' | 'think';

/** A reply's answer and, when there was one, the reasoning before it. */
export interface Parted {
  text: string;
  reasoning?: string;
}

const text = z.string().nullish();
const Detail = z.looseObject({ text: text.catch(undefined), summary: text.catch(undefined) });
const ContentPart = z.looseObject({
  text: text.catch(undefined),
  thinking: z
    .string()
    .or(z.array(z.looseObject({ text: text.catch(undefined) })))
    .nullish()
    .catch(undefined),
});

/** A message, or what a chunk of a stream adds to it, with every field in which servers put reasoning. */
export const ReplyPiece = z.object({
  content: z.string().or(z.array(ContentPart)).nullish(),
  reasoning: text.catch(undefined),
  reasoning_content: text.catch(undefined),
  reasoning_details: z.array(Detail).nullish().catch(undefined),
});
export type ReplyPiece = z.infer<typeof ReplyPiece>;

/** Whether it is a piece whose fields are texts, told without the schema; `false` says nothing. */
export function isPlainPiece(value: unknown): value is ReplyPiece {
  if (typeof value !== 'object' || value === null) return false;
  const { content, reasoning, reasoning_content, reasoning_details } = value as Record<string, unknown>;
  return isText(content) && isText(reasoning) && isText(reasoning_content) && reasoning_details == null;
}

function isText(value: unknown): boolean {
  return value == null || typeof value === 'string';
}

/** A piece as text and reasoning. Servers that fill several fields say the same in each; the first that holds anything counts. */
export function readPiece(piece: ReplyPiece): { text: string; reasoning: string; from?: ReasoningFrom } {
  // Most chunks of a stream: nothing to look for.
  if (typeof piece.content === 'string' && !piece.reasoning && !piece.reasoning_content && !piece.reasoning_details) {
    return { text: piece.content, reasoning: '' };
  }
  const parts = typeof piece.content === 'string' ? [{ text: piece.content }] : (piece.content ?? []);
  const found: [ReasoningFrom, string][] = [
    ['reasoning', piece.reasoning ?? ''],
    ['reasoning_content', piece.reasoning_content ?? ''],
    ['reasoning_details', (piece.reasoning_details ?? []).map((one) => one.text ?? one.summary ?? '').join('')],
    ['content parts', parts.map(thinkingOf).join('')],
  ];
  const content = parts.map((part) => part.text ?? '').join('');
  const first = found.find(([, reasoning]) => reasoning !== '');
  return first === undefined
    ? { text: content, reasoning: '' }
    : { text: content, reasoning: first[1], from: first[0] };
}

function thinkingOf({ thinking }: Partial<z.infer<typeof ContentPart>>): string {
  return typeof thinking === 'string' ? thinking : (thinking ?? []).map((one) => one.text ?? '').join('');
}

/** A whole reply, with what stood in a field of its own and what stands in tags brought together. */
export function joinReasoning(content: string, field: string): Parted {
  if (field === '') return partReasoning(content);
  // Beside a field only a thought that is tagged in full is one: a lone tag is a word of the answer.
  const parted: Parted = content.trimStart().startsWith(OPEN) ? partReasoning(content) : { text: content };
  const own = field.trim();
  const tagged = parted.reasoning ?? '';
  return { text: parted.text, reasoning: tagged === '' || tagged === own ? own : `${own}\n\n${tagged}` };
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
