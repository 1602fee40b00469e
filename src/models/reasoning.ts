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

/** A message or a streamed part of it, with every field that servers use for reasoning. */
export const ReplyPiece = z.object({
  content: z.string().or(z.array(ContentPart)).nullish(),
  refusal: text.catch(undefined),
  reasoning: text.catch(undefined),
  reasoning_content: text.catch(undefined),
  reasoning_details: z.array(Detail).nullish().catch(undefined),
});
export type ReplyPiece = z.infer<typeof ReplyPiece>;

/** Text and reasoning of a piece. Servers that fill several fields repeat the same text, so the first non-empty one is used. */
export function readPiece(piece: ReplyPiece): { text: string; reasoning: string; from?: ReasoningFrom } {
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

/** A whole reply, with the reasoning from its own field and from tags. */
export function joinReasoning(content: string, field: string): Parted {
  if (field === '') return partReasoning(content);
  // Beside a reasoning field, only a complete tagged block counts; a single tag is part of the answer.
  const parted: Parted = content.trimStart().startsWith(OPEN) ? partReasoning(content) : { text: content };
  const own = field.trim();
  const tagged = parted.reasoning ?? '';
  return { text: parted.text, reasoning: tagged === '' || tagged === own ? own : `${own}\n\n${tagged}` };
}

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Splits a reply into reasoning and answer. Some templates write `<think>` themselves, so that the reply has only the closing tag. A reply
 * truncated in its reasoning has only the opening tag and no answer. Tags after the answer has begun are part of the answer.
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

/** One reply while it is received. */
export class Choice {
  finish: string | undefined;
  /** Completion tokens, if the server counts them per choice. */
  tokens: number | undefined;
  /** Why the model declines (`message.refusal`). */
  refusal = '';
  #content = '';
  #reasoning = '';
  #field: ReasoningFrom | undefined;

  add(text: string, reasoning: string, from: ReasoningFrom | undefined): void {
    this.#field ??= from;
    this.#reasoning += reasoning;
    this.#content += text;
  }

  get characters(): number {
    return this.#content.length + this.#reasoning.length;
  }

  parted(): Parted {
    return joinReasoning(this.#content, this.#reasoning);
  }

  /** As it came: the beginning of a reply that continues a text may be in the middle of a word or of a thought. */
  unparted(): Parted {
    return { text: this.#content, ...(this.#reasoning !== '' && { reasoning: this.#reasoning }) };
  }

  get reasoningFrom(): ReasoningFrom | undefined {
    return this.#field ?? (this.parted().reasoning === undefined ? undefined : 'think');
  }
}
