import { defined } from '../defined.ts';
import { isRow } from './values.ts';

/** One turn of a chat. */
export interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: string;
  /** `reasoning_content`, `reasoning` or `thinking` beside the content. */
  reasoning?: string;
}

const ROLES: Record<string, Turn['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  bot: 'assistant',
  model: 'assistant',
};

/** Turns of `{role, content}` or ShareGPT's `{from, value}`; undefined if the value is not a chat. */
export function chatTurns(value: unknown): Turn[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const turns: Turn[] = [];
  for (const entry of value) {
    const turn = chatTurn(entry);
    if (!turn) return undefined;
    turns.push(turn);
  }
  return turns;
}

function chatTurn(entry: unknown): Turn | undefined {
  if (!isRow(entry)) return undefined;
  const name = entry.role ?? entry.from;
  const role = typeof name === 'string' ? ROLES[name.toLowerCase()] : undefined;
  const content = contentText(entry.content ?? entry.value ?? '');
  if (!role || content === undefined) return undefined;
  return { role, content, ...defined({ reasoning: reasoningOf(entry) }) };
}

/** Text, or the text parts of a list of parts joined. */
export function contentText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part) => (isRow(part) && typeof part.text === 'string' ? part.text : undefined));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

export function reasoningOf(entry: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['reasoning_content', 'reasoning', 'thinking']) {
    const value = entry[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}
