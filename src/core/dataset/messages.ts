import { defined } from '../defined.ts';
import { isRow, type Row } from './values.ts';

/** One turn of a chat. */
export interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: string;
  /** `reasoning_content`, `reasoning` or `thinking` beside the content, reasoning parts of it, or Harmony's analysis before it. */
  reasoning?: string;
  /** The row excludes the turn from the loss: OpenAI's `weight: 0`, or `train: false`. */
  untrained?: true;
}

const ROLES: ReadonlyMap<string, Turn['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['chatgpt', 'assistant'],
  ['bot', 'assistant'],
  ['model', 'assistant'],
]);

/** Turns of `{role, content}` or ShareGPT's `{from, value}`; undefined if the value is not a chat. */
export function chatTurns(value: unknown): Turn[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const turns: Turn[] = [];
  // Harmony writes the reasoning as messages of other channels before the final one.
  let analysis: string[] = [];
  for (const entry of value) {
    const turn = chatTurn(entry);
    if (!turn) return undefined;
    if (turn.role === 'assistant' && isAside(entry)) {
      analysis.push(turn.content);
      continue;
    }
    if (turn.role === 'assistant') turns.push(withReasoning(turn, analysis));
    else turns.push(turn);
    analysis = [];
  }
  if (analysis.length > 0) turns.push(withReasoning({ role: 'assistant', content: '' }, analysis));
  return turns;
}

function isAside(entry: unknown): boolean {
  return isRow(entry) && (entry.channel === 'analysis' || entry.channel === 'commentary');
}

function withReasoning(turn: Turn, before: readonly string[]): Turn {
  const reasoning = [...before, turn.reasoning ?? ''].filter((part) => part.trim() !== '').join('\n\n');
  return reasoning === '' ? turn : { ...turn, reasoning };
}

function chatTurn(entry: unknown): Turn | undefined {
  if (!isRow(entry)) return undefined;
  const name = entry.role ?? entry.from;
  const role = typeof name === 'string' ? ROLES.get(name.toLowerCase()) : undefined;
  const said = readContent(entry, entry.content ?? entry.value ?? '');
  if (!role || said === undefined) return undefined;
  const untrained = entry.weight === 0 || entry.train === false || undefined;
  return { role, content: said.text, ...defined({ reasoning: said.reasoning, untrained }) };
}

/**
 * The content of a message and its reasoning, beside the content or among its parts.
 * @param content A text, or a list of text and reasoning parts. Undefined for anything else, such as a picture.
 */
export function readContent(entry: Row, content: unknown): { text: string; reasoning?: string } | undefined {
  const beside = reasoningOf(entry);
  if (typeof content === 'string') return { text: content, ...defined({ reasoning: beside }) };
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  const thoughts: string[] = beside === undefined ? [] : [beside];
  for (const part of content) {
    if (!isRow(part)) return undefined;
    const thought = part.type === 'reasoning' || part.type === 'thinking' ? (reasoningOf(part) ?? '') : undefined;
    if (thought !== undefined) thoughts.push(thought);
    else if (typeof part.text === 'string') texts.push(part.text);
    else return undefined;
  }
  const reasoning = thoughts.filter((thought) => thought !== '').join('\n\n') || undefined;
  return { text: texts.join(''), ...defined({ reasoning }) };
}

function reasoningOf(entry: Row): string | undefined {
  for (const name of ['reasoning_content', 'reasoning', 'thinking']) {
    const value = entry[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}
